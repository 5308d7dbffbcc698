"""What modules hold under a name that is taken, rows of modules, masks, and what their parts are called."""

import copy


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn
    # a name that is taken
    module = nn.Module()
    module.p = nn.Parameter(torch.ones(1))
    said(lambda: setattr(module, "p", nn.ReLU()))
    said(lambda: setattr(module, "p", nn.Buffer(torch.ones(1))))
    module.m = nn.ReLU()
    said(lambda: setattr(module, "m", nn.Buffer(torch.ones(1))))
    module.m = nn.Parameter(torch.ones(1))
    show(list(module._parameters), list(module._modules))
    module.register_buffer("b", torch.ones(1), persistent=False)
    module.b = nn.Tanh()
    show(list(module._buffers), list(module._modules), module._non_persistent_buffers_set)
    said(lambda: nn.Sequential(run))
    # rows
    row = nn.Sequential(nn.ReLU(), nn.Tanh())
    said(lambda: row.insert(0, 3))
    said(lambda: row.insert(3, nn.ReLU()))
    said(lambda: row.insert(-1, nn.ELU()))
    said(lambda: row["a"])
    said(lambda: row[0.5])
    show(row.pop(key=0), len(row))
    show(nn.ParameterList([nn.ParameterList([torch.ones(1)]), 3]))
    # a state of its own

    class Gives(nn.Module):
        def get_extra_state(self):
            return 1

    class Takes(nn.Module):
        def set_extra_state(self, state):
            show("takes", state)

    said(lambda: Gives().load_state_dict({"_extra_state": 1}))
    said(lambda: Takes().load_state_dict({"_extra_state": 1}))
    said(lambda: Takes().load_state_dict({}))
    said(lambda: list(nn.Linear(1, 1).state_dict({}, "z.", True)))
    # masks
    prune = page.part("nn.utils.prune")
    linear = nn.Linear(4, 2)
    said(lambda: prune.custom_from_mask(copy.deepcopy(linear), "weight", torch.ones(1)))
    said(lambda: prune._validate_pruning_amount(5, 3))
    said(lambda: prune._validate_pruning_amount_init(2.0))
    said(lambda: prune._validate_structured_pruning(torch.ones(2)))
    said(lambda: prune._validate_pruning_dim(torch.ones(2), 3))
    show(prune._compute_nparams_toprune(0.5, 5), prune._compute_norm(torch.ones(2, 3), 2, 0))
    said(lambda: nn.utils.vector_to_parameters([1], linear.parameters()))
    # names of parts
    modules = nn.modules
    show(modules.dropout._DropoutNd.__name__, modules.batchnorm._NormBase.__name__, modules.loss._WeightedLoss)
    show(modules.lazy.LazyModuleMixin, modules.module._addindent("a\nb", 2))
    show(modules.module._IncompatibleKeys(["a"], []), modules.module._EXTRA_STATE_KEY_SUFFIX)
    show(modules.utils._reverse_repeat_tuple((1, 2), 2), modules.utils._list_with_default([None, 2], [3, 4, 5]))
    said(lambda: modules.utils._list_with_default([None, 2], [3, 4]))
    # sizes that do not fit, and masks besides the causal one
    functional = nn.functional
    said(lambda: functional.interpolate(torch.ones(1, 1, 2, 2), scale_factor=0.0))
    said(lambda: functional.celu(torch.ones(1), 0))
    said(lambda: nn.Bilinear(0, 2, 3))
    said(
        lambda: functional.scaled_dot_product_attention(
            torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 3), torch.ones(2, 2) > 0, 0.0, True
        )
    )
    # by the names of arguments
    said(lambda: nn.Hardtanh(min_value=-0.5, max_value=0.5))
    show(nn.Transformer.generate_square_subsequent_mask(sz=2))
    twice = nn.Sequential().extend(sequential=[row, row])
    show(len(list(twice.modules())), len(list(twice.modules(remove_duplicate=False))))
