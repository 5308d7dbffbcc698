"""Gains and fans, which layers of one's own ask for, and what they refuse."""


def run(torch, page):
    init = torch.nn.init
    for name in ("linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu", "gelu"):
        page.said(lambda name=name: init.calculate_gain(name))
    for slope in (0.2, 1, None, True, "a"):
        page.said(lambda slope=slope: init.calculate_gain("leaky_relu", slope))
    weight = torch.empty(6, 3, 5, 5)
    page.said(lambda: init._calculate_fan_in_and_fan_out(weight))
    page.said(lambda: init._calculate_fan_in_and_fan_out(torch.empty(3)))
    for mode in ("fan_in", "FAN_OUT", "fan"):
        page.said(lambda mode=mode: init._calculate_correct_fan(weight, mode))
        page.said(lambda mode=mode: init.kaiming_normal_(torch.empty(3, 2), mode=mode).shape)
