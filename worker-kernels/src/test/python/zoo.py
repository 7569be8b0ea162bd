"""Writes zoo.properties, the golden values of ZooGoldenTest: outputs of residual networks.

Usage (PyTorch 2.13, CPU):  python zoo.py ../resources/golden

The networks are written anew here, in torchvision's structure and with its names, and run in
training mode (batch statistics) on hashed weights and images, see golden.py. The file holds all
outputs in float64 and the relative distance of PyTorch's float32 to them.
"""

import pathlib
import sys

import torch
from golden import batch, initial_value
from torch import nn

EXAMPLES = 4
INPUT = (3, 64, 64)
CLASSES = 10


def conv(inside, outside, kernel, stride=1):
    return nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)


class Block(nn.Module):
    def __init__(self, inside, width, stride, bottleneck):
        super().__init__()
        self.bottleneck = bottleneck
        outside = 4 * width if bottleneck else width
        if bottleneck:
            self.conv1 = conv(inside, width, 1)
            self.conv2 = conv(width, width, 3, stride)
            self.conv3 = conv(width, outside, 1)
            self.bn3 = nn.BatchNorm2d(outside)
        else:
            self.conv1 = conv(inside, width, 3, stride)
            self.conv2 = conv(width, width, 3)
        self.bn1 = nn.BatchNorm2d(width)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(
                conv(inside, outside, 1, stride), nn.BatchNorm2d(outside)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.bottleneck:
            y = self.bn3(self.conv3(torch.relu(y)))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, blocks, bottleneck):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        channels = 64
        for stage, (count, width) in enumerate(zip(blocks, (64, 128, 256, 512))):
            layer = nn.Sequential()
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                layer.append(Block(channels, width, stride, bottleneck))
                channels = 4 * width if bottleneck else width
            setattr(self, f"layer{stage + 1}", layer)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def outputs(blocks, bottleneck, dtype):
    model = ResNet(blocks, bottleneck).to(dtype)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(initial_value(name, parameter.shape))
        images, _ = batch(0, 0, EXAMPLES, INPUT)
        return model.train()(images.to(dtype)).double().reshape(-1)


def main():
    folder = pathlib.Path(sys.argv[1])
    lines = [f"# zoo.py with PyTorch {torch.__version__}"]
    for name, blocks, bottleneck in (
        ("resnet18", (2, 2, 2, 2), False),
        ("resnet50", (3, 4, 6, 3), True),
    ):
        exact = outputs(blocks, bottleneck, torch.float64)
        rough = outputs(blocks, bottleneck, torch.float32)
        noise = ((rough - exact).norm() / exact.norm()).item()
        print(f"{name}: noise {noise:.2e}")
        lines.append(f"{name}.noise={noise!r}")
        lines.append(f"{name}.outputs={' '.join(repr(v) for v in exact.tolist())}")
    (folder / "zoo.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
