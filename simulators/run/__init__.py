"""Starts, stops and watches every process of the whole chain on one machine."""
