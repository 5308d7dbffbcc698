"""PyTorch's files of the distributions, where ours holds several families."""

# PyTorch's modules, by the file here that has what they have.
PLACES = {
    "bernoulli": "odds", "beta": "gammas", "binomial": "odds", "categorical": "categories", "cauchy": "location",
    "chi2": "gammas", "dirichlet": "gammas", "exponential": "gammas", "fishersnedecor": "gammas", "gamma": "gammas",
    "geometric": "odds", "gumbel": "derived", "half_cauchy": "derived", "half_normal": "derived",
    "inverse_gamma": "derived", "kumaraswamy": "derived", "laplace": "location", "log_normal": "derived",
    "logistic_normal": "derived", "multinomial": "categories", "negative_binomial": "odds", "normal": "location",
    "one_hot_categorical": "categories", "pareto": "derived", "poisson": "odds", "relaxed_bernoulli": "relaxed",
    "relaxed_categorical": "relaxed", "studentT": "location", "uniform": "location", "weibull": "derived",
}  # fmt: skip
