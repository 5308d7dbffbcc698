"""How parameters are laid out for a step."""

import copy
import pickle
import re
import warnings

import numpy as np
import pytest

import engine
from engine.optim import SGD, Adam, Optimizer
from engine.optim.lanes import BLOCK


def params_of(*sizes):
    made = [engine.ones(size).requires_grad_() for size in sizes]
    for p in made:
        (p * p).sum().backward()
    return made


def test_small_parameters_share_a_lane_and_large_ones_have_their_own():
    params = params_of(3, 4, BLOCK + 5, 6)
    optimizer = Adam(params)
    optimizer.step()
    assert [[len(p) for p in lane.params] for lane in optimizer._laid[0][1]] == [[3, 4, 6], [BLOCK + 5]]
    assert len(optimizer._laid[0][1][1].blocks) == 2


def test_lanes_stay_while_nothing_changes():
    params = params_of(3, 4)
    optimizer = Adam(params)
    optimizer.step()
    lane = optimizer._laid[0][1][0]
    optimizer.step()
    assert optimizer._laid[0][1] == [lane]
    params[0].grad = None
    optimizer.step()
    assert [held["step"].item() for held in optimizer.state.values()] == [2.0, 3.0]


def test_what_was_saved_of_a_parameter_is_stale_after_a_step():
    w = engine.ones(2, requires_grad=True)
    loss = (w * w).sum()
    w.grad = engine.ones(2)
    SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*SGD\.step"):
        loss.backward()


def test_gradients_are_left_as_they_are():
    params = params_of(3, BLOCK + 5)
    for make in (lambda: SGD(params, weight_decay=0.5, maximize=True, momentum=0.9, nesterov=True),
                 lambda: Adam(params, weight_decay=0.5, maximize=True)):  # fmt: skip
        make().step()
    assert all((p.grad == 2).all() for p in params)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_copy_goes_on_by_itself(copied):
    params = params_of(3, 4)
    optimizer = Adam(params, lr=0.1)
    optimizer.step()
    others, other = copied((params, optimizer))
    for p in others:
        p.grad = engine.ones_like(p)
    for p in params:
        p.grad = engine.ones_like(p)
    optimizer.step()
    other.step()
    assert all((a == b).all() for a, b in zip(params, others, strict=True))
    assert all(p in other.state for p in others)


def test_an_optimizer_of_ones_own_works_as_in_pytorch():
    class Plain(Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        @engine.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad, alpha=-group["lr"])
                    self.state[p]["count"] = self.state[p].get("count", 0) + 1

    params = params_of(3)
    optimizer = Plain(params, 0.25)
    scheduler = engine.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    optimizer.step()
    scheduler.step()
    np.testing.assert_allclose(params[0].detach().numpy(), 0.5)
    assert optimizer.state_dict()["state"] == {0: {"count": 1}}
    assert optimizer.param_groups[0]["lr"] == 0.125


def test_a_schedule_before_the_first_step_warns():
    optimizer = SGD(params_of(1), lr=1.0)
    scheduler = engine.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    with pytest.warns(UserWarning, match="before `optimizer.step"):
        scheduler.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step()
        scheduler.step()


def test_a_schedule_can_be_saved():
    optimizer = SGD(params_of(1), lr=1.0)
    schedulers = engine.optim.lr_scheduler
    scheduler = schedulers.LambdaLR(optimizer, lambda t: 0.5**t)
    optimizer.step()
    scheduler.step()
    again = schedulers.LambdaLR(SGD(params_of(1), lr=1.0), lambda t: 0.5**t)
    again.load_state_dict(scheduler.state_dict())
    assert (again.last_epoch, again.get_last_lr()) == (1, [0.5])


def test_the_learning_rate_can_be_a_tensor():
    params = params_of(2)
    optimizer = SGD(params, lr=engine.tensor(0.25))
    schedule = engine.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    schedule.step()
    np.testing.assert_allclose(params[0].detach().numpy(), 0.5)
    assert optimizer.param_groups[0]["lr"].item() == 0.125


def test_momentum_can_come_later_and_go_again():
    params = params_of(3, BLOCK + 5)
    optimizer = SGD(params, lr=0.1)
    for momentum in (0.0, 0.5, 0.5, 0.0):
        optimizer.param_groups[0]["momentum"] = momentum
        optimizer.step()
    for p in params:  # steps of 0.1 times 2, 2, then 2 and half of 2 before, 2
        np.testing.assert_allclose(p.detach().numpy(), 1 - 0.1 * (2 + 2 + 3 + 2), rtol=1e-5)


def test_another_parameter_may_take_the_place_of_one():
    params = params_of(3, 4)
    optimizer = SGD(params, lr=0.1)
    optimizer.step()
    other = engine.ones(3).requires_grad_()
    other.grad = engine.ones(3)
    optimizer.param_groups[0]["params"][0] = other
    optimizer.step()
    np.testing.assert_allclose(params[0].detach().numpy(), 0.8, rtol=1e-6)
    np.testing.assert_allclose(other.detach().numpy(), 0.9, rtol=1e-6)
    np.testing.assert_allclose(params[1].detach().numpy(), 0.6, rtol=1e-6)


def test_sparse_adam_refuses_what_is_dense() -> None:
    params = params_of(1)
    optimizer = engine.optim.SparseAdam(params)
    with pytest.raises(RuntimeError, match="SparseAdam does not support dense gradients, please consider Adam"):
        optimizer.step()
    with pytest.raises(ValueError, match="Invalid learning rate: 0"):
        engine.optim.SparseAdam(params, lr=0)
    optimizer.zero_grad()
    optimizer.step()


def test_what_a_step_changed_says_how_often() -> None:
    net = engine.nn.Sequential(engine.nn.Linear(2, 3), engine.nn.Linear(3, 1))
    optimizer = engine.optim.SGD(net.parameters(), lr=0.1)
    for steps in (1, 3):
        loss = net(engine.ones(4, 2)).sum()
        loss.backward(retain_graph=True)
        for _ in range(steps):
            optimizer.step()
        with pytest.raises(RuntimeError) as caught:
            loss.backward()
        found = re.search(r"is at version (\d+); expected version (\d+) instead", str(caught.value))
        assert found is not None and int(found[1]) - int(found[2]) == steps
