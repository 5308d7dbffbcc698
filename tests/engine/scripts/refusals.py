"""What subsets, transforms, masks, losses and files refuse."""

import io


def run(torch, page):
    said = page.said
    nn, functional = torch.nn, torch.nn.functional
    data, distributions = page.part("utils.data"), page.part("distributions")

    class Half(data.Subset):
        def __getitem__(self, index):
            return 5

    class Whole(Half):
        def __getitems__(self, indices):
            return [self[index] for index in indices]

    said(lambda: Half(range(3), [0, 1]))
    said(lambda: [batch.tolist() for batch in data.DataLoader(Whole(range(3), [0, 1]), 2)])
    parts = [distributions.ExpTransform(), distributions.SigmoidTransform()]
    stacked, joined = distributions.StackTransform(parts), distributions.CatTransform(parts, lengths=[1, 2])
    for each in (stacked, joined):
        said(lambda each=each: each(torch.ones(5)))
        said(lambda each=each: each.inv(torch.ones(5)))
    said(lambda: stacked.log_abs_det_jacobian(torch.ones(2), torch.ones(4)))
    said(lambda: distributions.constraints.independent(3, 1))
    said(lambda: distributions.constraints.independent(distributions.constraints.real, "a"))
    prune = page.part("nn.utils.prune")

    class Axisless(prune.BasePruningMethod):
        PRUNING_TYPE = "structured"

        def compute_mask(self, t, default_mask):
            return default_mask

    linear = prune.l1_unstructured(nn.Linear(2, 2), "weight", 1)
    said(lambda: Axisless.apply(linear, "weight"))
    x = torch.ones(3, 4)
    for loss in (functional.mse_loss, functional.l1_loss, functional.huber_loss):
        said(lambda loss=loss: loss(x, x, weight=torch.ones(3, 1)))
    head = nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 5])
    said(lambda: head(x[:2], torch.tensor(1)))
    said(lambda: head(x[0, :1], torch.tensor([1])))
    said(lambda: torch.autocast("cpu")(3))

    def skipped():
        with torch.serialization.skip_data():
            torch.save(x, io.BytesIO(), _use_new_zipfile_serialization=False)

    said(skipped)
