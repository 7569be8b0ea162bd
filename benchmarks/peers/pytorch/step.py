"""Times training steps (forward, loss, backward, SGD with momentum) of a network in PyTorch.

    python step.py --model resnet20 --batch 128 --threads 2 --layout channels_last --seconds 10

Prints one JSON object: ms_per_step (median), examples_per_second, resident_mib. A heap that keeps what
it frees, which glibc's malloc does not by default, is had by the environment:

    MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_MMAP_THRESHOLD_=4294967296 python step.py …
"""

import argparse
import json
import resource
import warnings

import torch
from torch import nn

from nets import NETS, labels, memory_format
from timing import measure


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=sorted(NETS), required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--layout", choices=("nchw", "channels_last"), default="channels_last")
    parser.add_argument("--fused", action="store_true", help="fused SGD")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    return parser.parse_args()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    build, shape, classes = NETS[options.model]
    net = build()
    x = torch.randn(options.batch, *shape)
    net.eval()
    y = labels(net, x, classes)
    layout = memory_format(options.layout, shape)
    net = net.to(memory_format=layout)
    x = x.to(memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, fused=options.fused or None)
    loss_function = nn.CrossEntropyLoss()
    net.train()
    model = torch.compile(net) if options.compile else net

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()

    median, how = measure(step, options.seconds)
    print(json.dumps({
        "model": options.model,
        "batch": options.batch,
        "threads": options.threads,
        "layout": options.layout,
        "fused": options.fused,
        "compile": options.compile,
        "bf16": options.bf16,
        "torch": torch.__version__,
        "ms_per_step": round(median * 1000, 4),
        "examples_per_second": round(options.batch / median, 2),
        **how,
        "resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
