"""Times data-parallel training steps: DistributedDataParallel over gloo, processes of one machine.

    python ddp.py --model resnet20 --batch 128 --processes 2 --threads 1 --seconds 10

--batch is the global batch, divided among the processes; --threads are those of each process. Prints one
JSON object: ms_per_step (median of rank 0, which waits for all in every step), examples_per_second.
"""

import argparse
import json
import os
import socket
import statistics
import sys
import time
import warnings

import torch
import torch.distributed as dist
import torch.multiprocessing as processes
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from nets import NETS, labels, memory_format


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", choices=sorted(NETS), required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--layout", choices=("nchw", "channels_last"), default="channels_last")
    options = parser.parse_args()
    if options.batch % options.processes:
        parser.error("--batch must be a multiple of --processes: DDP weighs all processes alike.")
    return options


def worker(rank, options, port):
    warnings.filterwarnings("ignore")
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    os.environ["MASTER_PORT"] = str(port)
    if sys.platform == "linux":
        # All processes are on this machine, whatever its name resolves to.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    dist.init_process_group("gloo", rank=rank, world_size=options.processes)
    build, shape, classes = NETS[options.model]
    net = build()
    local = options.batch // options.processes
    x = torch.randn(local, *shape)
    net.eval()
    y = labels(net, x, classes)
    layout = memory_format(options.layout, shape)
    net = net.to(memory_format=layout)
    x = x.to(memory_format=layout)
    net.train()
    model = DistributedDataParallel(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    loss_function = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_function(model(x), y).backward()
        optimizer.step()

    def steps_for(seconds):
        # All ranks take the same number of steps: rank 0 says how many fit.
        began = time.perf_counter()
        for _ in range(3):
            step()
        count = torch.tensor([max(3, int(seconds / ((time.perf_counter() - began) / 3)))])
        dist.broadcast(count, 0)
        times = []
        for _ in range(int(count)):
            began = time.perf_counter()
            step()
            times.append(time.perf_counter() - began)
        return times

    steps_for(options.seconds / 2)
    times = steps_for(options.seconds)
    if rank == 0:
        median = statistics.median(times)
        print(json.dumps({
            "model": options.model,
            "batch": options.batch,
            "processes": options.processes,
            "threads": options.threads,
            "layout": options.layout,
            "torch": torch.__version__,
            "runs": len(times),
            "ms_per_step": round(median * 1000, 4),
            "examples_per_second": round(options.batch / median, 2),
        }))
    # Nobody leaves while another still waits for the last messages.
    dist.barrier()
    dist.destroy_process_group()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    options = arguments()
    processes.spawn(worker, (options, free_port()), nprocs=options.processes)


if __name__ == "__main__":
    main()
