"""The networks of Backdraft's zoo in PyTorch, as their papers and torchvision have them."""

import torch
from torch import nn


def mlp():
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 512), nn.ReLU(),
        nn.Linear(512, 512), nn.ReLU(),
        nn.Linear(512, 10),
    )


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions (basic) or 1x1, 3x3, 1x1 (bottleneck) around a shortcut."""

    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers = layers
        self.shortcut = shortcut
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.layers(x) + self.shortcut(x))


class PaddedShortcut(nn.Module):
    """Every second pixel, and zeros for the new channels (He et al. 2016, option A)."""

    def forward(self, x):
        channels = x.shape[1]
        return nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, channels // 2, channels - channels // 2))


def conv_norm(inputs, outputs, kernel, stride=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


def basic_block(inputs, outputs, stride, shortcut):
    return ResidualBlock(
        nn.Sequential(
            *conv_norm(inputs, outputs, 3, stride), nn.ReLU(inplace=True), *conv_norm(outputs, outputs, 3)),
        shortcut)


def bottleneck(inputs, width, stride, shortcut):
    return ResidualBlock(
        nn.Sequential(
            *conv_norm(inputs, width, 1), nn.ReLU(inplace=True),
            *conv_norm(width, width, 3, stride), nn.ReLU(inplace=True),
            *conv_norm(width, 4 * width, 1)),
        shortcut)


def resnet20(channels=3):
    layers = [*conv_norm(channels, 16, 3), nn.ReLU(inplace=True)]
    inputs = 16
    for width in (16, 32, 64):
        for block in range(3):
            first = block == 0 and width != 16
            layers.append(basic_block(
                inputs, width, 2 if first else 1, PaddedShortcut() if first else nn.Identity()))
            inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def resnet(block, expansion, blocks):
    layers = [*conv_norm(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, count in enumerate(blocks):
        width = 64 << stage
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            outputs = width * expansion
            shortcut = (
                nn.Identity() if stride == 1 and inputs == outputs
                else nn.Sequential(*conv_norm(inputs, outputs, 1, stride)))
            layers.append(block(inputs, width, stride, shortcut))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


def resnet18():
    return resnet(basic_block, 1, (2, 2, 2, 2))


def resnet50():
    return resnet(bottleneck, 4, (3, 4, 6, 3))


def vgg16():
    layers, inputs = [], 3
    for channels in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if channels == 0:
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU(inplace=True)]
            inputs = channels
    return nn.Sequential(
        *layers, nn.Flatten(),
        nn.Linear(512 * 49, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 1000))


def alexnet():
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.AdaptiveAvgPool2d(6), nn.Flatten(),
        nn.Dropout(), nn.Linear(256 * 36, 4096), nn.ReLU(inplace=True),
        nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(inplace=True),
        nn.Linear(4096, 1000))


def conv_norm_relu(inputs, outputs, kernel, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs, eps=0.001), nn.ReLU(inplace=True))


class Inception(nn.Module):
    """Four branches side by side, the third with 3x3 where the paper has 5x5, as torchvision has it."""

    def __init__(self, inputs, one, three_reduce, three, five_reduce, five, pool):
        super().__init__()
        self.branches = nn.ModuleList([
            conv_norm_relu(inputs, one, 1),
            nn.Sequential(conv_norm_relu(inputs, three_reduce, 1), conv_norm_relu(three_reduce, three, 3)),
            nn.Sequential(conv_norm_relu(inputs, five_reduce, 1), conv_norm_relu(five_reduce, five, 3)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), conv_norm_relu(inputs, pool, 1)),
        ])

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def googlenet():
    def pool(kernel=3):
        return nn.MaxPool2d(kernel, 2, ceil_mode=True)

    return nn.Sequential(
        conv_norm_relu(3, 64, 7, 2), pool(),
        conv_norm_relu(64, 64, 1), conv_norm_relu(64, 192, 3), pool(),
        Inception(192, 64, 96, 128, 16, 32, 32),
        Inception(256, 128, 128, 192, 32, 96, 64), pool(),
        Inception(480, 192, 96, 208, 16, 48, 64),
        Inception(512, 160, 112, 224, 24, 64, 64),
        Inception(512, 128, 128, 256, 24, 64, 64),
        Inception(512, 112, 144, 288, 32, 64, 64),
        Inception(528, 256, 160, 320, 32, 128, 128), pool(2),
        Inception(832, 256, 160, 320, 32, 128, 128),
        Inception(832, 384, 192, 384, 48, 128, 128),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1024, 1000))


def double_conv(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(inplace=True))


class UNet(nn.Module):
    """Ronneberger et al. 2015 with padded convolutions: a value for each class and pixel."""

    def __init__(self, channels, classes, base=64, levels=4):
        super().__init__()
        widths = [base << level for level in range(levels + 1)]
        self.down = nn.ModuleList(
            double_conv(a, b) for a, b in zip([channels, *widths[:-2]], widths[:-1]))
        self.bottom = double_conv(widths[-2], widths[-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in widths[:-1])
        self.merge = nn.ModuleList(double_conv(2 * w, w) for w in widths[:-1])
        self.out = nn.Conv2d(base, classes, 1)
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        skips = []
        for level, down in enumerate(self.down):
            x = down(x)
            if level == len(self.down) - 1:
                x = self.drop(x)
            skips.append(x)
            x = self.pool(x)
        x = self.drop(self.bottom(x))
        for level in reversed(range(len(self.up))):
            x = self.merge[level](torch.cat([skips[level], self.up[level](x)], 1))
        return self.out(x)


def unet():
    return UNet(1, 2)


def c3d():
    def conv(inputs, outputs):
        return [nn.Conv3d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]

    return nn.Sequential(
        *conv(3, 64), nn.MaxPool3d((1, 2, 2)),
        *conv(64, 128), nn.MaxPool3d(2),
        *conv(128, 256), *conv(256, 256), nn.MaxPool3d(2),
        *conv(256, 512), *conv(512, 512), nn.MaxPool3d(2),
        *conv(512, 512), *conv(512, 512), nn.MaxPool3d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(8192, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 101))


# The function that builds a net, the shape of an example, how many classes; a class for each pixel
# where the output has pixels.
NETS = {
    "mlp": (mlp, (1, 28, 28), 10),
    "lenet5": (lenet5, (1, 28, 28), 10),
    "resnet20": (resnet20, (3, 32, 32), 10),
    "resnet20-digits": (lambda: resnet20(1), (1, 28, 28), 10),
    "resnet18": (resnet18, (3, 224, 224), 1000),
    "resnet50": (resnet50, (3, 224, 224), 1000),
    "vgg16": (vgg16, (3, 224, 224), 1000),
    "alexnet": (alexnet, (3, 224, 224), 1000),
    "googlenet": (googlenet, (3, 224, 224), 1000),
    "unet": (unet, (1, 256, 256), 2),
    "c3d": (c3d, (3, 16, 112, 112), 101),
}


def memory_format(layout, shape):
    """PyTorch's name of a layout for examples of that shape."""
    if layout == "nchw":
        return torch.contiguous_format
    return torch.channels_last_3d if len(shape) == 4 else torch.channels_last


def labels(net, x, classes):
    """Random classes: one for each example or, where the output has pixels, for each of them."""
    with torch.no_grad():
        output = net(x[:1])
    return torch.randint(0, classes, (x.shape[0], *output.shape[2:]))
