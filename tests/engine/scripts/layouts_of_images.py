"""Images whose channels lie last in memory: what layers make of them, and of their gradients."""


def run(torch, page):
    show, said = page.show, page.said
    nn, F = torch.nn, torch.nn.functional
    last = torch.channels_last
    x = torch.randn(2, 3, 4, 6)
    z = x.to(memory_format=last)
    layer = nn.Conv2d(3, 4, 3)
    turned = nn.Conv2d(3, 4, 3).to(memory_format=last)
    show(layer(x).stride(), layer(z).stride(), turned(x).stride(), turned(z).stride())
    show(turned(z).is_contiguous(memory_format=last), torch.allclose(layer(z), layer(x), atol=1e-6))
    for each in (
        nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d((2, 3)), nn.Upsample(scale_factor=2),
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 3, 3, groups=3),
        nn.Conv2d(3, 4, 1, bias=False), nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.MaxPool2d(2)),
    ):  # fmt: skip
        show(each(z).stride(), each(x).stride())
    leaf = z.clone().requires_grad_()
    turned(leaf).pow(2).sum().backward()
    show(leaf.grad.stride(), turned.weight.grad.stride(), turned.bias.grad.stride())
    plain = x.clone().requires_grad_()
    other = nn.Conv2d(3, 4, 3)
    other.load_state_dict(turned.state_dict())
    other(plain).pow(2).sum().backward()
    show(torch.allclose(plain.grad, leaf.grad), torch.allclose(other.weight.grad, turned.weight.grad, rtol=1e-4))
    opt = torch.optim.SGD(turned.parameters(), 0.1, momentum=0.9)
    for _ in range(3):
        opt.zero_grad()
        F.mse_loss(turned(z), torch.zeros(2, 4, 2, 4)).backward()
        opt.step()
    show(turned.weight.stride())
    volume = torch.randn(1, 2, 3, 4, 5).to(memory_format=torch.channels_last_3d)
    show(nn.MaxPool3d(2)(volume).stride(), nn.Conv3d(2, 3, 2)(volume).stride())
    said(lambda: torch.randn(2, 3).to(memory_format=last))
