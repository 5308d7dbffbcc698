"""What programs ask about other back ends before they choose a device: they are not here."""

from __future__ import annotations


class Backend:
    """A back end of PyTorch that this engine has not; its switches may be set and change nothing."""

    def is_available(self) -> bool:
        """False."""
        return False

    is_built = is_available


mps = Backend()
cudnn = Backend()
mkldnn = Backend()
