"""Run inside backgroundremover's environment: u2netp from the ONNX file to the form it loads.

    python peer_weights.py u2netp.onnx u2netp.pth

The ONNX file's convolutions have their batch normalisation folded in, so that of the written
network does nothing. Convolutions are matched in the order in which they run. Both networks are
then run on the same noise, and have to agree.
"""

import sys

import numpy as np
import onnx
import torch
from backgroundremover.u2net.u2net import U2NETP
from onnx.reference import ReferenceEvaluator


def main(source, target):
    """Write, having compared."""
    model = onnx.load(source)
    values = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    wanted = [node.input for node in model.graph.node if node.op_type == "Conv"]
    network = U2NETP(3, 1).eval()
    order = []
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(lambda one, *_: order.append(one))
    noise = np.random.default_rng(0).random((1, 3, 320, 320), np.float32)
    with torch.no_grad():
        network(torch.from_numpy(noise))
        for layer, (_, kernel, bias) in zip(order, wanted, strict=True):
            layer.weight.copy_(torch.from_numpy(values[kernel].copy()))
            layer.bias.copy_(torch.from_numpy(values[bias].copy()))
        for layer in network.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.running_var.fill_(1 - layer.eps)
        ours = network(torch.from_numpy(noise))[0].numpy()
    theirs = ReferenceEvaluator(model).run(None, {model.graph.input[0].name: noise})[0]
    gap = float(np.abs(ours - theirs).max())
    if gap > 1e-3:
        raise SystemExit(f"the networks differ by {gap}")
    torch.save(network.state_dict(), target)


if __name__ == "__main__":
    main(*sys.argv[1:])
