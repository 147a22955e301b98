"""The mathematics a second time, straight from the definitions and differentiated by HIPS autograd; nothing here comes from model/.

Parameters are lists of matrices W[l] (n_out, n_in) and vectors b[l] (n_out,) or None; x, y are batch-first. Losses are written with
a, as their definitions are, so inputs have to be of moderate size.
"""

import math

import autograd.numpy as anp
import numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive


@primitive
def erf(z):
    return np.vectorize(math.erf, otypes=[float])(z)


defvjp(erf, lambda ans, z: lambda g: g * 2 / math.sqrt(math.pi) * np.exp(-(z**2)))

ACTIVATIONS = {
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": lambda z: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z)),
    "relu": lambda z: anp.where(z > 0, z, 0 * z),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(anp.where(z > 0, 0 * z, z)) - 1),
    "gelu": lambda z: z * (1 + erf(z / math.sqrt(2))) / 2,
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
    "identity": lambda z: z,
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True),
}

LOSS_TERMS = {
    "half_squared_error": lambda a, y: (a - y) ** 2 / 2,
    "squared_error": lambda a, y: (a - y) ** 2,
    "mean_squared_error_over_outputs": lambda a, y: (a - y) ** 2 / a.shape[1],
    "half_mean_squared_error_over_outputs": lambda a, y: (a - y) ** 2 / (2 * a.shape[1]),
    "binary_cross_entropy": lambda a, y: -(y * anp.log(a) + (1 - y) * anp.log(1 - a)),
    "cross_entropy": lambda a, y: -y * anp.log(a),
    "none": lambda a, y: a,
}


def sample_losses(problem, a, y):
    """Loss of each sample from the outputs, (m,)."""
    return anp.sum(LOSS_TERMS[problem.loss](a, y), axis=1)


def forward(problem, W, b, x):
    """Lists of z and a for the layers 1..L."""
    zs, activations, a = [], [], x
    for l, name in enumerate(problem.activations):
        z = anp.dot(a, W[l].T) + (0 if b is None else b[l])
        a = ACTIVATIONS[name](z)
        zs.append(z)
        activations.append(a)
    return zs, activations


def batch_loss(problem, W, b, x, y):
    """Sum or mean over the samples, plus the penalty."""
    losses = sample_losses(problem, forward(problem, W, b, x)[1][-1], y)
    total = anp.sum(losses) if problem.batch_reduction == "sum" else anp.mean(losses)
    return total + problem.l2 / 2 * sum(anp.sum(w**2) for w in W)


def gradients(problem, W, b, x, y):
    """(dW, db) of the batch loss; a shared bias gets its own derivative at each unit."""
    dW = grad(lambda W: batch_loss(problem, W, b, x, y))(list(W))
    if b is None:
        return dW, None
    if problem.bias_sharing == "per_unit":
        return dW, grad(lambda b: batch_loss(problem, W, b, x, y))(list(b))
    shared = [float(v[0]) for v in b]

    def with_shared(values):
        return batch_loss(problem, W, [value * np.ones(len(v)) for value, v in zip(values, b, strict=True)], x, y)

    return dW, [np.full(len(v), d) for d, v in zip(grad(with_shared)(shared), b, strict=True)]


def _rest(problem, W, b, a, first):
    """Outputs from the activations a of layer `first` (0..L)."""
    for l in range(first, len(W)):
        a = ACTIVATIONS[problem.activations[l]](anp.dot(a, W[l].T) + (0 if b is None else b[l]))
    return a


def errors(problem, W, b, x, y):
    """(∂L/∂a of layers 0..L, ∂L/∂z of layers 1..L), each of one sample, per row."""
    zs, activations = forward(problem, W, b, x)
    by_a = [
        grad(lambda a, l=l: anp.sum(sample_losses(problem, _rest(problem, W, b, a, l), y)))(start)
        for l, start in enumerate([x, *activations])
    ]
    by_z = [
        grad(lambda z, l=l: anp.sum(sample_losses(problem, _rest(problem, W, b, ACTIVATIONS[problem.activations[l]](z), l + 1), y)))(z)
        for l, z in enumerate(zs)
    ]
    return by_a, by_z


def slopes(name, z):
    """∂a_i/∂z_i, for softmax the diagonal of its Jacobian."""
    if name != "softmax":
        return grad(lambda z: anp.sum(ACTIVATIONS[name](z)))(z)
    columns = [grad(lambda z, i=i: anp.sum(ACTIVATIONS[name](z)[:, i]))(z)[:, i] for i in range(z.shape[1])]
    return np.stack(columns, axis=1)
