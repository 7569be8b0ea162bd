"""Writes the golden files of GoldenTrainingTest: short training runs of PyTorch in float64.

Usage (PyTorch 2.13, CPU):  python golden.py ../resources/golden

Weights, images and labels are functions of integer hashes (see GoldenData.java, which has the same
formulas), so that files hold results only. Each case is trained twice, in float64 and in float32;
the relative distance of the two is PyTorch's own noise floor, which the test multiplies by ten.

Two runs that differ by rounding part for good where the input of a ReLU is so near to 0 that one run
sees it on the other side. Each case therefore takes, of SEEDS sets of images, the one whose inputs
of ReLUs keep the largest distance to 0: the test is about arithmetic, not about luck at kinks.

<case>.bin holds every stride-th element of all weights, in float64, big endian, tensors sorted by
name, after the last step; <case>-buffers.bin likewise the running statistics of batch
normalisation. golden.properties holds seeds, strides, noise floors and losses.
"""

import pathlib
import struct
import sys
import zlib

import torch
from torch import nn

MASK = 0xFFFFFFFF
SAMPLES = 4000
SEEDS = 16


class Margin:
    """The least distance of a ReLU's input to 0 since the last reset."""

    least = float("inf")


def relu(x):
    Margin.least = min(Margin.least, x.detach().abs().min().item())
    return torch.relu(x)


def hash32(stream, index):
    """32 random bits for each element of the int64 tensor index."""
    z = (stream * 0x9E3779B1 + index * 0x85EBCA77 + 0x165667B1) & MASK
    z = z ^ (z >> 16)
    z = (z * 0x7FEB352D) & MASK
    z = z ^ (z >> 15)
    z = (z * 0x846CA68B) & MASK
    return z ^ (z >> 16)


def signed_unit(stream, count):
    """Multiples of 2^-23 in [-1, 1), exact in float32."""
    bits = hash32(stream, torch.arange(count, dtype=torch.int64)) >> 8
    return bits.double() * 2.0**-23 - 1


def initial_value(name, shape):
    count = 1
    for dim in shape:
        count *= dim
    unit = signed_unit(zlib.crc32(name.encode()) & MASK, count).reshape(shape)
    if len(shape) == 1:
        if ".bn" in "." + name or "downsample.1" in name:
            return 1 + unit / 4 if name.endswith("weight") else unit / 8
        return unit / 16
    fan_in = count // shape[0]
    exponent = 0
    while 6 * 4**exponent < fan_in:
        exponent += 1
    return unit * 2.0**-exponent


def batch(seed, step, size, shape):
    count = shape[0] * shape[1] * shape[2]
    images = []
    labels = []
    for example in range(step * size, (step + 1) * size):
        bits = hash32(1000003 * (seed + 1) + example, torch.arange(count, dtype=torch.int64)) >> 24
        images.append(bits.double().reshape(shape) / 256)
        labels.append(int(hash32(77, torch.tensor([example], dtype=torch.int64))[0]) % 10)
    return torch.stack(images), torch.tensor(labels)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(relu(self.conv1(x)), 2)
        x = torch.max_pool2d(relu(self.conv2(x)), 2)
        x = relu(self.fc1(x.flatten(1)))
        return self.fc3(relu(self.fc2(x)))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 512)
        self.fc2 = nn.Linear(512, 512)
        self.fc3 = nn.Linear(512, 10)

    def forward(self, x):
        x = relu(self.fc1(x.flatten(1)))
        return self.fc3(relu(self.fc2(x)))


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.conv3 = nn.Conv2d(8, 16, 3, padding=1, stride=2, bias=False)
        self.bn3 = nn.BatchNorm2d(16)
        self.downsample = nn.Sequential(
            nn.Conv2d(8, 16, 1, stride=2, bias=False), nn.BatchNorm2d(16)
        )
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = relu(self.bn1(self.conv1(x)))
        x = relu(self.bn2(self.conv2(x)) + x)
        x = relu(self.bn3(self.conv3(x)) + self.downsample(x))
        return self.fc(x.mean((2, 3)))


def optimizer(name, parameters):
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=0.05)
    if name == "momentum":
        return torch.optim.SGD(parameters, lr=0.02, momentum=0.9)
    if name == "nesterov":
        return torch.optim.SGD(parameters, lr=0.02, momentum=0.9, nesterov=True)
    return torch.optim.Adam(parameters, lr=0.001)


def train(model_class, optimizer_name, seed, steps, size, shape, dtype):
    model = model_class().to(dtype)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(initial_value(name, parameter.shape))
    model.train()
    rule = optimizer(optimizer_name, model.parameters())
    losses = []
    for step in range(steps):
        images, labels = batch(seed, step, size, shape)
        rule.zero_grad()
        loss = nn.functional.cross_entropy(model(images.to(dtype)), labels)
        loss.backward()
        rule.step()
        losses.append(loss.item())
    weights = {n: p.detach().double() for n, p in model.named_parameters()}
    buffers = {
        n: b.double() for n, b in model.named_buffers() if not n.endswith("num_batches_tracked")
    }
    return weights, buffers, losses


def flat(tensors):
    return torch.cat([tensors[name].reshape(-1) for name in sorted(tensors)])


def write(folder, case, exact, rough, properties):
    exact = flat(exact)
    rough = flat(rough)
    stride = max(1, exact.numel() // SAMPLES)
    exact = exact[::stride]
    rough = rough[::stride]
    noise = ((rough - exact).norm() / exact.norm()).item()
    (folder / f"{case}.bin").write_bytes(struct.pack(f">{exact.numel()}d", *exact.tolist()))
    properties.append(f"{case}.stride={stride}")
    properties.append(f"{case}.noise={noise!r}")
    print(f"{case}: {exact.numel()} values, noise {noise:.2e}")


def write_case(folder, case, model_class, rule, steps, size, shape, properties):
    margins = {}
    for seed in range(SEEDS):
        Margin.least = float("inf")
        train(model_class, rule, seed, steps, size, shape, torch.float64)
        margins[seed] = Margin.least
    seed = max(margins, key=margins.get)
    print(f"{case}: seed {seed}, inputs of ReLUs at least {margins[seed]:.1e} from 0")
    exact, exact_buffers, losses = train(
        model_class, rule, seed, steps, size, shape, torch.float64
    )
    rough, rough_buffers, _ = train(model_class, rule, seed, steps, size, shape, torch.float32)
    properties.append(f"{case}.seed={seed}")
    properties.append(f"{case}.losses={' '.join(repr(x) for x in losses)}")
    write(folder, case, exact, rough, properties)
    if exact_buffers:
        write(folder, f"{case}-buffers", exact_buffers, rough_buffers, properties)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    properties = [f"# golden.py with PyTorch {torch.__version__}"]
    image = (1, 28, 28)
    for net, model_class in (("lenet5", LeNet), ("mlp", Mlp)):
        for rule in ("sgd", "momentum", "nesterov", "adam"):
            write_case(folder, f"{net}-{rule}", model_class, rule, 20, 32, image, properties)
    write_case(
        folder, "resnet-momentum", SmallResNet, "momentum", 2, 16, (3, 8, 8), properties
    )
    (folder / "golden.properties").write_text("\n".join(properties) + "\n")


if __name__ == "__main__":
    main()
