"""Optimizers and learning-rate schedulers."""

from engine.optim import lr_scheduler
from engine.optim.adagrad import Adadelta, Adagrad
from engine.optim.adam import Adam, Adamax, AdamW
from engine.optim.optimizer import Optimizer
from engine.optim.rmsprop import RMSprop
from engine.optim.sgd import SGD

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Optimizer", "RMSprop", "lr_scheduler"]
