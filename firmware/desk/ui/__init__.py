"""The terminal's screen: views in, pixels out, band by band."""
