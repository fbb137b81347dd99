"""The little of `typing` a device needs: it is only ever on the device's path, never on a host's."""

TYPE_CHECKING = False
