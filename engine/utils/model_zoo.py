"""`torch.utils.model_zoo`: the old home of `torch.hub.load_state_dict_from_url`, which there is no network for."""

from engine.hub import load_state_dict_from_url

load_url = load_state_dict_from_url

__all__ = ["load_url"]
