"""A small network whose images, and whose weights, lie in memory with their channels last."""


def run(torch, page):
    nn, F = torch.nn, torch.nn.functional
    last = torch.channels_last
    torch.manual_seed(0)
    images = torch.randn(4, 3, 8, 8)
    x = images.to(memory_format=last)
    for make in (
        lambda x: x, lambda x: F.relu(x), lambda x: F.max_pool2d(x, 2), lambda x: F.avg_pool2d(x, 2),
        lambda x: F.adaptive_avg_pool2d(x, 4), lambda x: F.interpolate(x, scale_factor=2), lambda x: x * 2 + 1,
        lambda x: F.interpolate(x, size=(5, 5), mode="bilinear"), nn.Conv2d(3, 4, 3), nn.BatchNorm2d(3),
        nn.Conv2d(3, 6, 3, padding=1, groups=3), lambda x: x.contiguous(), lambda x: x[0], lambda x: torch.cat([x, x]),
    ):  # fmt: skip
        made = make(x)
        page.show(tuple(made.shape), made.stride(), made.is_contiguous(memory_format=last) if made.ndim == 4 else "")
        close = torch.allclose(made, make(images), atol=1e-5)
        page.show(close)
    net = nn.Sequential(
        nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(5, 6, 2), nn.Flatten(),
        nn.Linear(24, 3),
    )  # fmt: skip
    page.show(net.to(memory_format=last) is net, net[0].weight.stride(), net[0].bias.stride(), net[6].weight.stride())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(5):
        loss = F.cross_entropy(net(x), torch.tensor([0, 1, 2, 0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        page.show(f"{loss.item():.4f}", net[0].weight.stride())
    page.show(net[:2](images).stride())
    page.said(lambda: torch.ones(2, 3).to(memory_format=last))
    page.said(lambda: nn.Conv3d(1, 1, 2).to(memory_format=last).weight.stride())
    page.said(lambda: nn.Conv3d(2, 2, 2).to(memory_format=torch.channels_last_3d).weight.stride())
