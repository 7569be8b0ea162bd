"""Writes zoo.properties, the golden values of ZooGoldenTest: a forward and a backward pass of each network.

Usage (PyTorch 2.13, CPU):  python zoo.py ../resources/golden [NETWORK...]

With names of networks the values of the others stay as they are.

The networks are written anew here, from the papers and with torchvision's names where it has them, a
quarter as wide as published where NETS does not say otherwise, and without dropout. They run in training
mode (batch statistics) on hashed weights and images, see golden.py. For each network the file holds

    outputs     all of them, in float64
    noise       the relative distance of PyTorch's float32 outputs to them
    gradients   the median, over tensors, of the distance of PyTorch's float32 gradient, relative to its norm
    damped      how names of tensors end that begin with an eighth of the usual values, see DAMPED
    TENSOR      norm of its gradient in float64, that distance, inner products with hashed vectors

and for those in EVALUATED

    evaluated   the outputs of an evaluation with the running statistics that this one step has made
    evaluation  the relative distance of float32 to them
    statistics  the median of the distances of running means and variances
    TENSOR      of a running mean or variance, as of a gradient

Where a rounding decides on which side of 0 the input of a ReLU lies, or which of two pixels a maximum is,
gradients change at once. float32 therefore runs ROUNDINGS times, each with weights changed by at most one unit
in the last place, and the largest distance counts.

Distances of gradients are relative to at least a thousandth of the root of the mean square of all norms:
a bias in front of a batch normalisation has a gradient of 0, and float32 gives something else.
"""

import functools
import pathlib
import statistics
import sys
import zlib

import torch
import torch.nn.functional as f
from golden import MASK, batch, hash32, signed_unit

EXAMPLES = 4
CLASSES = 10
WIDTH = "0.25"
PROBES = 3
LEAST_NORM = 1e-3
ROUNDINGS = 5


class Tape:
    """Makes the weights of a network as they are asked for, in the order of the forward pass."""

    def __init__(self, width, damped, dtype, rounding=0):
        self.width = width
        self.damped = damped
        self.dtype = dtype
        self.rounding = rounding
        self.training = True
        self.weights = {}
        self.statistics = {}

    def channels(self, published):
        return max(1, int(published * self.width + 0.5))

    def weight(self, name, shape, fan_in):
        exponent = 0
        while 6 * 4**exponent < fan_in:
            exponent += 1
        return self.keep(name, shape, lambda unit: unit * 2.0**-exponent)

    def keep(self, name, shape, value):
        count = torch.Size(shape).numel()
        unit = signed_unit(zlib.crc32(name.encode()) & MASK, count).reshape(shape)
        exact = value(unit)
        if self.damped and name.endswith(self.damped):
            exact = exact / 8
        if self.rounding:
            noise = signed_unit(zlib.crc32(f"{name}~{self.rounding}".encode()) & MASK, count).reshape(shape)
            exact = exact * (1 + noise * 2.0**-23)
        self.weights[name] = exact.to(self.dtype).requires_grad_()
        return self.weights[name]

    def bias(self, name, count):
        return self.keep(name, (count,), lambda unit: unit / 16)

    def conv(self, name, x, outside, kernel, stride=1, padding=0, groups=1, bias=False):
        axes = x.dim() - 2
        sizes = (kernel,) * axes if isinstance(kernel, int) else kernel
        inside = x.shape[1] // groups
        taps = torch.Size(sizes).numel()
        weight = self.weight(f"{name}.weight", (outside, inside, *sizes), inside * taps)
        shift = self.bias(f"{name}.bias", outside) if bias else None
        apply = f.conv2d if axes == 2 else f.conv3d
        return apply(x, weight, shift, stride, padding, 1, groups)

    def up(self, name, x, outside):
        weight = self.weight(f"{name}.weight", (x.shape[1], outside, 2, 2), x.shape[1])
        return f.conv_transpose2d(x, weight, self.bias(f"{name}.bias", outside), 2)

    def linear(self, name, x, outside):
        weight = self.weight(f"{name}.weight", (outside, x.shape[1]), x.shape[1])
        return f.linear(x, weight, self.bias(f"{name}.bias", outside))

    def bn(self, name, x, epsilon=1e-5):
        count = x.shape[1]
        scale = self.keep(f"{name}.weight", (count,), lambda unit: 1 + unit / 4)
        shift = self.keep(f"{name}.bias", (count,), lambda unit: unit / 8)
        if self.training:
            self.statistics[f"{name}.running_mean"] = torch.zeros(count, dtype=self.dtype)
            self.statistics[f"{name}.running_var"] = torch.ones(count, dtype=self.dtype)
        means, variances = (self.statistics[f"{name}.running_{kind}"] for kind in ("mean", "var"))
        return f.batch_norm(x, means, variances, scale, shift, self.training, 0.1, epsilon)


def relu(x):
    return torch.relu(x)


def mean(x):
    return x.mean((2, 3))


def mlp(t, x):
    x = x.flatten(1)
    for number in (1, 2):
        x = relu(t.linear(f"fc{number}", x, 512))
    return t.linear("fc3", x, CLASSES)


def lenet(activation, pool):
    def net(t, x):
        x = pool(activation(t.conv("conv1", x, t.channels(6), 5, 1, 2, bias=True)), 2)
        x = pool(activation(t.conv("conv2", x, t.channels(16), 5, bias=True)), 2).flatten(1)
        x = activation(t.linear("fc1", x, t.channels(120)))
        x = activation(t.linear("fc2", x, t.channels(84)))
        return t.linear("fc3", x, CLASSES)

    return net


def alexnet(t, x):
    def features(number, x, outside, kernel, stride, padding):
        return relu(t.conv(f"features.{number}", x, t.channels(outside), kernel, stride, padding, bias=True))

    x = f.max_pool2d(features(0, x, 64, 11, 4, 2), 3, 2)
    x = f.max_pool2d(features(3, x, 192, 5, 1, 2), 3, 2)
    x = features(8, features(6, x, 384, 3, 1, 1), 256, 3, 1, 1)
    x = f.max_pool2d(features(10, x, 256, 3, 1, 1), 3, 2)
    x = f.adaptive_avg_pool2d(x, 6).flatten(1)
    x = relu(t.linear("classifier.1", x, t.channels(4096)))
    x = relu(t.linear("classifier.4", x, t.channels(4096)))
    return t.linear("classifier.6", x, CLASSES)


def alexnet_2012(t, x):
    def conv(number, x, outside, kernel, groups, stride=1):
        wide = 2 * t.channels(outside // 2)
        return relu(t.conv(f"conv{number}", x, wide, kernel, stride, 2 if kernel > 3 else 1, groups, bias=True))

    def norm(x):
        return f.local_response_norm(x, 5, 5e-4, 0.75, 2)

    x = f.max_pool2d(norm(conv(1, x, 96, 11, 1, 4)), 3, 2)
    x = f.max_pool2d(norm(conv(2, x, 256, 5, 2)), 3, 2)
    x = conv(4, conv(3, x, 384, 3, 1), 384, 3, 2)
    x = f.max_pool2d(conv(5, x, 256, 3, 2), 3, 2).flatten(1)
    x = relu(t.linear("fc6", x, t.channels(4096)))
    x = relu(t.linear("fc7", x, t.channels(4096)))
    return t.linear("fc8", x, CLASSES)


def vgg(stages, normalized):
    def net(t, x):
        number = 0
        for count, outside in zip(stages, (64, 128, 256, 512, 512)):
            for _ in range(count):
                x = t.conv(f"features.{number}", x, t.channels(outside), 3, 1, 1, bias=True)
                number += 1
                if normalized:
                    x = t.bn(f"features.{number}", x)
                    number += 1
                x = relu(x)
                number += 1
            x = f.max_pool2d(x, 2)
            number += 1
        x = f.adaptive_avg_pool2d(x, 7).flatten(1)
        x = relu(t.linear("classifier.0", x, t.channels(4096)))
        x = relu(t.linear("classifier.3", x, t.channels(4096)))
        return t.linear("classifier.6", x, CLASSES)

    return net


def projection(t, name, x, wide, stride):
    return t.bn(f"{name}.downsample.1", t.conv(f"{name}.downsample.0", x, wide, 1, stride))


def identity(t, name, x, wide, stride):
    return f.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, wide - x.shape[1]))


def residual_block(t, name, x, width, stride, bottleneck, shortcut=projection):
    wide = 4 * width if bottleneck else width
    if bottleneck:
        y = relu(t.bn(f"{name}.bn1", t.conv(f"{name}.conv1", x, width, 1)))
        y = relu(t.bn(f"{name}.bn2", t.conv(f"{name}.conv2", y, width, 3, stride, 1)))
        y = t.bn(f"{name}.bn3", t.conv(f"{name}.conv3", y, wide, 1))
    else:
        y = relu(t.bn(f"{name}.bn1", t.conv(f"{name}.conv1", x, width, 3, stride, 1)))
        y = t.bn(f"{name}.bn2", t.conv(f"{name}.conv2", y, wide, 3, 1, 1))
    if stride != 1 or x.shape[1] != wide:
        x = shortcut(t, name, x, wide, stride)
    return relu(y + x)


def preactivated_block(t, name, x, width, stride, bottleneck):
    wide = 4 * width if bottleneck else width
    y = first = relu(t.bn(f"{name}.bn1", x))
    if bottleneck:
        y = relu(t.bn(f"{name}.bn2", t.conv(f"{name}.conv1", y, width, 1)))
        y = relu(t.bn(f"{name}.bn3", t.conv(f"{name}.conv2", y, width, 3, stride, 1)))
        y = t.conv(f"{name}.conv3", y, wide, 1)
    else:
        y = relu(t.bn(f"{name}.bn2", t.conv(f"{name}.conv1", y, width, 3, stride, 1)))
        y = t.conv(f"{name}.conv2", y, wide, 3, 1, 1)
    if stride != 1 or x.shape[1] != wide:
        x = t.conv(f"{name}.downsample.0", first, wide, 1, stride)
    return y + x


def stages(t, x, block, blocks, widths, bottleneck):
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        for i in range(count):
            stride = 2 if stage > 0 and i == 0 else 1
            x = block(t, f"layer{stage + 1}.{i}", x, t.channels(width), stride, bottleneck)
    return x


def resnet(blocks, bottleneck):
    def net(t, x):
        x = f.max_pool2d(relu(t.bn("bn1", t.conv("conv1", x, t.channels(64), 7, 2, 3))), 3, 2, 1)
        x = stages(t, x, residual_block, blocks, (64, 128, 256, 512), bottleneck)
        return t.linear("fc", mean(x), CLASSES)

    return net


def small_resnet(blocks, shortcut=projection):
    block = functools.partial(residual_block, shortcut=shortcut)

    def net(t, x):
        x = relu(t.bn("bn1", t.conv("conv1", x, t.channels(16), 3, 1, 1)))
        x = stages(t, x, block, (blocks,) * 3, (16, 32, 64), False)
        return t.linear("fc", mean(x), CLASSES)

    return net


def preactivation_resnet(blocks, bottleneck):
    def net(t, x):
        x = t.conv("conv1", x, t.channels(16), 3, 1, 1)
        x = stages(t, x, preactivated_block, (blocks,) * 3, (16, 32, 64), bottleneck)
        return t.linear("fc", mean(relu(t.bn("bn", x))), CLASSES)

    return net


def normalized(t, name, x, outside, kernel, stride=1, padding=None):
    """A convolution as GoogLeNet and Inception-v3 have it."""
    if padding is None:
        padding = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
    x = t.conv(f"{name}.conv", x, t.channels(outside), kernel, stride, padding)
    return relu(t.bn(f"{name}.bn", x, 1e-3))


def chain(t, x, *parts):
    for name, *settings in parts:
        x = normalized(t, name, x, *settings)
    return x


def googlenet(t, x, auxiliary=0):
    def second_output(name, x):
        x = normalized(t, f"{name}.conv", f.adaptive_avg_pool2d(x, 4), 128, 1).flatten(1)
        return t.linear(f"{name}.fc2", relu(t.linear(f"{name}.fc1", x, t.channels(1024))), CLASSES)

    def block(name, x, one, three_reduce, three, five_reduce, five, pool):
        name = f"inception{name}"
        return torch.cat(
            [
                chain(t, x, (f"{name}.branch1", one, 1)),
                chain(t, x, (f"{name}.branch2.0", three_reduce, 1), (f"{name}.branch2.1", three, 3)),
                chain(t, x, (f"{name}.branch3.0", five_reduce, 1), (f"{name}.branch3.1", five, 3)),
                chain(t, f.max_pool2d(x, 3, 1, 1, ceil_mode=True), (f"{name}.branch4.1", pool, 1)),
            ],
            1,
        )

    x = f.max_pool2d(normalized(t, "conv1", x, 64, 7, 2, 3), 3, 2, ceil_mode=True)
    x = f.max_pool2d(chain(t, x, ("conv2", 64, 1), ("conv3", 192, 3)), 3, 2, ceil_mode=True)
    x = block("3a", x, 64, 96, 128, 16, 32, 32)
    x = block("3b", x, 128, 128, 192, 32, 96, 64)
    x = f.max_pool2d(x, 3, 2, ceil_mode=True)
    x = first = block("4a", x, 192, 96, 208, 16, 48, 64)
    x = block("4b", x, 160, 112, 224, 24, 64, 64)
    x = block("4c", x, 128, 128, 256, 24, 64, 64)
    x = second = block("4d", x, 112, 144, 288, 32, 64, 64)
    x = block("4e", x, 256, 160, 320, 32, 128, 128)
    x = f.max_pool2d(x, 2, 2, ceil_mode=True)
    x = block("5a", x, 256, 160, 320, 32, 128, 128)
    x = block("5b", x, 384, 192, 384, 48, 128, 128)
    output = t.linear("fc", mean(x), CLASSES)
    if auxiliary:
        return output, [(auxiliary, second_output("aux1", first)), (auxiliary, second_output("aux2", second))]
    return output


def inception_v3(t, x, auxiliary=0):
    def smooth(x):
        return f.avg_pool2d(x, 3, 1, 1)

    def small(name, x, pool):
        return torch.cat(
            [
                chain(t, x, (f"{name}.branch1x1", 64, 1)),
                chain(t, x, (f"{name}.branch5x5_1", 48, 1), (f"{name}.branch5x5_2", 64, 5)),
                chain(
                    t,
                    x,
                    (f"{name}.branch3x3dbl_1", 64, 1),
                    (f"{name}.branch3x3dbl_2", 96, 3),
                    (f"{name}.branch3x3dbl_3", 96, 3),
                ),
                chain(t, smooth(x), (f"{name}.branch_pool", pool, 1)),
            ],
            1,
        )

    def sevens(name, x, c):
        return torch.cat(
            [
                chain(t, x, (f"{name}.branch1x1", 192, 1)),
                chain(
                    t,
                    x,
                    (f"{name}.branch7x7_1", c, 1),
                    (f"{name}.branch7x7_2", c, (1, 7)),
                    (f"{name}.branch7x7_3", 192, (7, 1)),
                ),
                chain(
                    t,
                    x,
                    (f"{name}.branch7x7dbl_1", c, 1),
                    (f"{name}.branch7x7dbl_2", c, (7, 1)),
                    (f"{name}.branch7x7dbl_3", c, (1, 7)),
                    (f"{name}.branch7x7dbl_4", c, (7, 1)),
                    (f"{name}.branch7x7dbl_5", 192, (1, 7)),
                ),
                chain(t, smooth(x), (f"{name}.branch_pool", 192, 1)),
            ],
            1,
        )

    def spread(name, x):
        three = chain(t, x, (f"{name}.branch3x3_1", 384, 1))
        twice = chain(t, x, (f"{name}.branch3x3dbl_1", 448, 1), (f"{name}.branch3x3dbl_2", 384, 3))
        return torch.cat(
            [
                chain(t, x, (f"{name}.branch1x1", 320, 1)),
                chain(t, three, (f"{name}.branch3x3_2a", 384, (1, 3))),
                chain(t, three, (f"{name}.branch3x3_2b", 384, (3, 1))),
                chain(t, twice, (f"{name}.branch3x3dbl_3a", 384, (1, 3))),
                chain(t, twice, (f"{name}.branch3x3dbl_3b", 384, (3, 1))),
                chain(t, smooth(x), (f"{name}.branch_pool", 192, 1)),
            ],
            1,
        )

    x = chain(t, x, ("Conv2d_1a_3x3", 32, 3, 2, 0), ("Conv2d_2a_3x3", 32, 3, 1, 0), ("Conv2d_2b_3x3", 64, 3))
    x = chain(t, f.max_pool2d(x, 3, 2), ("Conv2d_3b_1x1", 80, 1), ("Conv2d_4a_3x3", 192, 3, 1, 0))
    x = f.max_pool2d(x, 3, 2)
    x = small("Mixed_5d", small("Mixed_5c", small("Mixed_5b", x, 32), 64), 64)
    x = torch.cat(
        [
            chain(t, x, ("Mixed_6a.branch3x3", 384, 3, 2, 0)),
            chain(
                t,
                x,
                ("Mixed_6a.branch3x3dbl_1", 64, 1),
                ("Mixed_6a.branch3x3dbl_2", 96, 3),
                ("Mixed_6a.branch3x3dbl_3", 96, 3, 2, 0),
            ),
            f.max_pool2d(x, 3, 2),
        ],
        1,
    )
    for name, c in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        x = sevens(f"Mixed_{name}", x, c)
    second = x
    x = torch.cat(
        [
            chain(t, x, ("Mixed_7a.branch3x3_1", 192, 1), ("Mixed_7a.branch3x3_2", 320, 3, 2, 0)),
            chain(
                t,
                x,
                ("Mixed_7a.branch7x7x3_1", 192, 1),
                ("Mixed_7a.branch7x7x3_2", 192, (1, 7)),
                ("Mixed_7a.branch7x7x3_3", 192, (7, 1)),
                ("Mixed_7a.branch7x7x3_4", 192, 3, 2, 0),
            ),
            f.max_pool2d(x, 3, 2),
        ],
        1,
    )
    x = spread("Mixed_7c", spread("Mixed_7b", x))
    output = t.linear("fc", mean(x), CLASSES)
    if auxiliary:
        x = chain(t, f.avg_pool2d(second, 5, 3), ("AuxLogits.conv0", 128, 1), ("AuxLogits.conv1", 768, 5, 1, 0))
        return output, [(auxiliary, t.linear("AuxLogits.fc", mean(x), CLASSES))]
    return output


def densenet(blocks):
    def net(t, x):
        growth = t.channels(32)
        x = relu(t.bn("features.norm0", t.conv("features.conv0", x, t.channels(64), 7, 2, 3)))
        x = f.max_pool2d(x, 3, 2, 1)
        for block, layers in enumerate(blocks, 1):
            for layer in range(1, layers + 1):
                name = f"features.denseblock{block}.denselayer{layer}"
                y = t.conv(f"{name}.conv1", relu(t.bn(f"{name}.norm1", x)), 4 * growth, 1)
                y = t.conv(f"{name}.conv2", relu(t.bn(f"{name}.norm2", y)), growth, 3, 1, 1)
                x = torch.cat([x, y], 1)
            if block < 4:
                name = f"features.transition{block}"
                x = t.conv(f"{name}.conv", relu(t.bn(f"{name}.norm", x)), x.shape[1] // 2, 1)
                x = f.avg_pool2d(x, 2)
        return t.linear("classifier", mean(relu(t.bn("features.norm5", x))), CLASSES)

    return net


def mobilenet_v2(t, x):
    def rounded(wide):
        nearest = max(8, int(wide + 4) // 8 * 8)
        return nearest + 8 if nearest < 0.9 * wide else nearest

    def part(name, x, outside, kernel, stride=1, groups=1):
        x = t.conv(f"{name}.0", x, outside, kernel, stride, kernel // 2, groups)
        return f.relu6(t.bn(f"{name}.1", x))

    x = part("features.0", x, rounded(32 * t.width), 3, 2)
    number = 1
    for expansion, published, blocks, first_stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        outside = rounded(published * t.width)
        for i in range(blocks):
            stride = first_stride if i == 0 else 1
            name = f"features.{number}.conv"
            y = x
            at = 0
            wide = x.shape[1] * expansion
            if expansion != 1:
                y = part(f"{name}.0", y, wide, 1)
                at = 1
            y = part(f"{name}.{at}", y, wide, 3, stride, wide)
            y = t.bn(f"{name}.{at + 2}", t.conv(f"{name}.{at + 1}", y, outside, 1))
            x = x + y if stride == 1 and x.shape[1] == outside else y
            number += 1
    x = part(f"features.{number}", x, 1280, 1)
    return t.linear("classifier.1", mean(x), CLASSES)


def unet(bilinear, levels=4):
    def net(t, x):
        def twice(name, x, outside):
            for number in (1, 2):
                x = relu(t.conv(f"{name}.conv{number}", x, outside, 3, 1, 1, bias=True))
            return x

        kept = []
        for level in range(1, levels + 1):
            kept.append(twice(f"down{level}", x, t.channels(64 << (level - 1))))
            x = f.max_pool2d(kept[-1], 2)
        x = twice("bottom", x, t.channels(64 << levels))
        for level in range(levels, 0, -1):
            outside = t.channels(64 << (level - 1))
            if bilinear:
                x = f.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
                x = t.conv(f"up{level}.up", x, outside, 3, 1, 1, bias=True)
            else:
                x = t.up(f"up{level}.up", x, outside)
            x = twice(f"up{level}", torch.cat([kept[level - 1], x], 1), outside)
        return t.conv("out", x, CLASSES, 1, bias=True)

    return net


def c3d(t, x):
    number = 1
    for names, outside in zip((("1a",), ("2a",), ("3a", "3b"), ("4a", "4b"), ("5a", "5b")), (64, 128, 256, 512, 512)):
        for name in names:
            x = relu(t.conv(f"conv{name}", x, t.channels(outside), 3, 1, 1, bias=True))
        x = f.max_pool3d(x, (1, 2, 2) if number == 1 else 2, ceil_mode=number == 5)
        number += 1
    x = x.flatten(1)
    x = relu(t.linear("fc6", x, t.channels(4096)))
    x = relu(t.linear("fc7", x, t.channels(4096)))
    return t.linear("fc8", x, CLASSES)


# By their names in the zoo, with what settings they have beside WIDTH. Not here are resnet1202 and
# preresnet1001: of the same blocks as resnet110 and preresnet164, with eleven and six times their layers, they
# take that much more time and show nothing that those do not show.
NETS = {
    "mlp": (mlp, (1, 28, 28)),
    "lenet5": (lenet(relu, f.max_pool2d), (1, 28, 28)),
    "lenet5-1998": (lenet(torch.tanh, f.avg_pool2d), (1, 28, 28)),
    "alexnet": (alexnet, (3, 80, 64)),
    "alexnet-2012": (alexnet_2012, (3, 80, 64)),
    "vgg11": (vgg((1, 1, 2, 2, 2), False), (3, 32, 48)),
    "vgg16": (vgg((2, 2, 3, 3, 3), False), (3, 32, 48)),
    "vgg13_bn": (vgg((2, 2, 2, 2, 2), True), (3, 64, 96)),
    "vgg19_bn": (vgg((2, 2, 4, 4, 4), True), (3, 64, 96)),
    "vgg13:width=0.125": (vgg((2, 2, 2, 2, 2), False), (3, 32, 48)),
    "vgg19:width=0.125": (vgg((2, 2, 4, 4, 4), False), (3, 32, 48)),
    "vgg11_bn:width=0.125": (vgg((1, 1, 2, 2, 2), True), (3, 64, 96)),
    "vgg16_bn:width=0.125": (vgg((2, 2, 3, 3, 3), True), (3, 64, 96)),
    "googlenet": (googlenet, (3, 64, 64)),
    "googlenet:auxiliary=0.3": (functools.partial(googlenet, auxiliary=0.3), (3, 64, 64)),
    "inception_v3": (inception_v3, (3, 139, 128)),
    "inception_v3:auxiliary=0.4": (functools.partial(inception_v3, auxiliary=0.4), (3, 299, 299)),
    "resnet18": (resnet((2, 2, 2, 2), False), (3, 64, 64)),
    "resnet34": (resnet((3, 4, 6, 3), False), (3, 64, 64)),
    "resnet50": (resnet((3, 4, 6, 3), True), (3, 64, 64)),
    "resnet101": (resnet((3, 4, 23, 3), True), (3, 64, 64)),
    "resnet152": (resnet((3, 8, 36, 3), True), (3, 64, 64)),
    "resnet20": (small_resnet(3), (3, 32, 32)),
    "resnet20:shortcut=identity": (small_resnet(3, identity), (3, 32, 32)),
    "resnet32": (small_resnet(5), (3, 16, 16)),
    "resnet44": (small_resnet(7), (3, 16, 16)),
    "resnet56": (small_resnet(9), (3, 16, 16)),
    "resnet110": (small_resnet(18), (3, 16, 16)),
    "resnet-cifar:depth=26": (small_resnet(4), (3, 16, 16)),
    "preresnet20": (preactivation_resnet(3, False), (3, 32, 32)),
    "preresnet56": (preactivation_resnet(9, False), (3, 16, 16)),
    "preresnet110": (preactivation_resnet(18, False), (3, 16, 16)),
    "preresnet164": (preactivation_resnet(18, True), (3, 32, 32)),
    "preresnet:depth=29,block=bottleneck": (preactivation_resnet(3, True), (3, 16, 16)),
    "densenet121": (densenet((6, 12, 24, 16)), (3, 64, 64)),
    "densenet169": (densenet((6, 12, 32, 32)), (3, 64, 64)),
    "densenet201": (densenet((6, 12, 48, 32)), (3, 64, 64)),
    "mobilenet_v2": (mobilenet_v2, (3, 64, 64)),
    "unet": (unet(False), (1, 32, 48)),
    "unet:levels=2": (unet(False, 2), (1, 20, 28)),
    "unet-bilinear": (unet(True), (1, 32, 48)),
    "c3d": (c3d, (3, 16, 32, 32)),
}
# Where roundings grow from block to block until gradients say little: tensors, by the end of their names, that
# are an eighth of what they are elsewhere, which lets blocks add little to what passes them.
DAMPED = {
    "resnet101": ".bn3.weight",
    "resnet152": ".bn3.weight",
    "resnet110": ".bn2.weight",
    "preresnet110": ".conv2.weight",
}
EVALUATED = ("resnet20", "resnet50", "inception_v3", "mobilenet_v2")


def labels(output, classes):
    """One for an example, or for each pixel of its output."""
    pixels = output[0, 0].numel()
    index = torch.arange(EXAMPLES * pixels, dtype=torch.int64)
    return (hash32(77, index) % classes).reshape(EXAMPLES, *output.shape[2:])


def width(name):
    _, _, settings = name.partition(":")
    return float(dict(each.split("=") for each in settings.split(",") if each).get("width", WIDTH))


def run(name, dtype, rounding=0):
    """Outputs, gradients, running statistics and outputs of an evaluation."""
    net, shape = NETS[name]
    tape = Tape(width(name), DAMPED.get(name), dtype, rounding)
    images, _ = batch(0, 0, EXAMPLES, (torch.Size(shape).numel(), 1, 1))
    images = images.reshape(EXAMPLES, *shape).to(dtype)
    output = net(tape, images)
    output, auxiliaries = output if isinstance(output, tuple) else (output, [])
    loss = f.cross_entropy(output, labels(output, CLASSES))
    for weight, auxiliary in auxiliaries:
        loss = loss + weight * f.cross_entropy(auxiliary, labels(output, CLASSES))
    loss.backward()
    gradients = {name: w.grad.double().flatten() for name, w in tape.weights.items()}
    output = output.detach().double().flatten()
    if name not in EVALUATED:
        return output, gradients, {}, output
    tape.training = False
    evaluated = net(tape, images).detach().double().flatten()
    return output, gradients, {name: s.double() for name, s in tape.statistics.items()}, evaluated


def probes(name, gradient):
    for probe in range(PROBES):
        yield gradient.dot(signed_unit(zlib.crc32(f"{name}#{probe}".encode()) & MASK, gradient.numel())).item()


def farthest(exact, rough):
    return max(((each - exact).norm() / exact.norm()).item() for each in rough)


def tensors(key, exact, rough):
    """A line for each tensor, and the median and the largest of the distances."""
    mean_square = sum(x.square().sum().item() for x in exact.values()) / len(exact)
    least = LEAST_NORM * mean_square**0.5
    distances = {
        n: max((each[n] - x).norm().item() for each in rough) / max(x.norm().item(), least)
        for n, x in exact.items()
    }
    lines = []
    for tensor, x in exact.items():
        values = [x.norm().item(), distances[tensor], *probes(tensor, x)]
        lines.append(f"{key}/{tensor}={' '.join(f'{v:.8e}' for v in values)}")
    return lines, statistics.median(distances.values()), max(distances.values())


def golden(name, key):
    exact, gradients, running, evaluated = run(name, torch.float64)
    rough = [run(name, torch.float32, rounding) for rounding in range(ROUNDINGS)]
    noise = farthest(exact, [each[0] for each in rough])
    gradient_lines, median, most = tensors(key, gradients, [each[1] for each in rough])
    print(f"{name}: noise {noise:.2e}, of gradients {median:.2e}, at most {most:.2e}", flush=True)
    stride = max(1, exact.numel() // 1000)
    lines = [
        f"{key}.input={'x'.join(map(str, NETS[name][1]))}",
        f"{key}.noise={noise:.3e}",
        f"{key}.gradients={median:.3e}",
        f"{key}.stride={stride}",
        f"{key}.outputs={' '.join(f'{v:.9e}' for v in exact[::stride].tolist())}",
        *gradient_lines,
    ]
    if name in DAMPED:
        lines.append(f"{key}.damped={DAMPED[name]}")
    if running:
        noise = farthest(evaluated, [each[3] for each in rough])
        running_lines, median, most = tensors(key, running, [each[2] for each in rough])
        print(f"  evaluation {noise:.2e}, statistics {median:.2e}, at most {most:.2e}", flush=True)
        lines += [
            f"{key}.evaluation={noise:.3e}",
            f"{key}.statistics={median:.3e}",
            f"{key}.evaluated={' '.join(f'{v:.9e}' for v in evaluated[::stride].tolist())}",
            *running_lines,
        ]
    return lines


def main():
    file = pathlib.Path(sys.argv[1]) / "zoo.properties"
    names = sys.argv[2:] or list(NETS)
    old = file.read_text().splitlines() if sys.argv[2:] else []
    lines = [f"# zoo.py with PyTorch {torch.__version__}"]
    for name in NETS:
        key = name.replace(":", "\\:").replace("=", "\\=")
        if name in names:
            lines += golden(name, key)
        else:
            lines += [line for line in old if line.startswith((f"{key}.", f"{key}/"))]
    file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
