package org.backdraft.plan;

import java.util.List;
import org.backdraft.kernel.LocalResponse;
import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AdaptiveAveragePool2d;
import org.backdraft.nn.AuxiliaryLoss;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.AveragePool3d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Conv3d;
import org.backdraft.nn.ConvTranspose2d;
import org.backdraft.nn.ConvTranspose3d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Embedding;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.LayerNorm;
import org.backdraft.nn.Linear;
import org.backdraft.nn.LocalResponseNorm;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.MaxPool3d;
import org.backdraft.nn.Network;
import org.backdraft.nn.Product;
import org.backdraft.nn.Softplus;
import org.backdraft.nn.Sum;
import org.backdraft.nn.Upsample2d;
import org.backdraft.tensor.Shape;

/** Networks that have every layer between them, with awkward sizes. */
final class SmallNetworks {
  private SmallNetworks() {}

  /** The network of that name. */
  static Network named(String name) {
    return switch (name) {
      case "everything" -> everything();
      case "gated" -> gated();
      case "assisted" -> assisted();
      case "volumes" -> volumes();
      case "grouped" -> grouped();
      case "tokens" -> tokens();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /**
   * Every kind of layer, a residual sum, a concatenation and an output that several layers take.
   */
  static Network everything() {
    return Network.named("everything", Shape.of(3, 9, 7))
        .add("conv1", Conv2d.of(5, 3).padding(1))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("conv2", Conv2d.of(5, 3).padding(1).withoutBias())
        .add("sum", new Sum(), "conv2", "relu1")
        .add("tanh", Activation.tanh())
        .add("strided", Conv2d.of(17, 3).stride(2).padding(2), "tanh")
        .add("pool", MaxPool2d.of(2), "tanh")
        .add("dilated", Conv2d.of(6, 2).dilation(2), "pool")
        .add("flat1", new Flatten())
        .add("fc1", Linear.of(11))
        .add("gelu", Activation.gelu())
        .add("mean", AveragePool2d.global(), "strided")
        .add("flat2", new Flatten())
        .add("logistic", Activation.logistic(1.5f))
        .add("concat", new Concat(), "gelu", "logistic")
        .add("bn2", new BatchNorm2d())
        .add("drop", new Dropout(0.25f))
        .add("fc2", Linear.of(70))
        .add("relu2", Activation.relu())
        .add("fc3", Linear.of(4))
        .build();
  }

  /** Every kind of layer that {@link #everything} lacks. */
  static Network gated() {
    return Network.named("gated", Shape.of(3, 9, 7))
        .add("conv1", Conv2d.of(6, 3).padding(1))
        .add("ln1", LayerNorm.overChannels())
        .add("leaky", Activation.leakyRelu(0.1f))
        .add("pool1", new MaxPool2d(Window.square(2, 2, 0), true))
        .add("lrn", new LocalResponseNorm(new LocalResponse(5, 0.2f, 0.75f, 1)))
        .add("small", new AveragePool2d(Window.square(2, 2, 0), true))
        .add("softplus", new Softplus())
        .add(
            "nearest",
            new Upsample2d(Upsample2d.Mode.NEAREST, Upsample2d.Measure.SIZE, 5, 4),
            "softplus")
        .add(
            "bilinear",
            new Upsample2d(Upsample2d.Mode.BILINEAR, Upsample2d.Measure.SIZE, 5, 4),
            "small")
        .add("gate", new Product(), "nearest", "lrn", "bilinear")
        .add("conv2", Conv2d.of(17, 2))
        .add("ln2", LayerNorm.overExample())
        .add("gelu", Activation.geluTanh())
        .add("adaptive", new AdaptiveAveragePool2d(3, 2))
        .add("flat", new Flatten())
        .add("fc1", Linear.of(20))
        .add("ln3", LayerNorm.overExample())
        .add("fc2", Linear.of(4))
        .build();
  }

  /** A second output that learns too. */
  static Network assisted() {
    return Network.named("assisted", Shape.of(3, 9, 7))
        .add("conv1", Conv2d.of(6, 3).padding(1))
        .add("relu1", Activation.relu6())
        .add("flat1", new Flatten())
        .add("fc1", Linear.of(4))
        .add("conv2", Conv2d.of(17, 2), "relu1")
        .add("gelu", Activation.gelu())
        .add("flat2", new Flatten())
        .add("fc2", Linear.of(4))
        .add("auxiliary", new AuxiliaryLoss(0.3f), "fc2", "fc1")
        .build();
  }

  /** Every kind of convolution and layer over volumes, with groups that fill no panel. */
  static Network volumes() {
    return Network.named("volumes", Shape.of(2, 4, 7, 6))
        .add("conv1", Conv3d.of(6, 3).padding(1))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("depthwise", Conv3d.of(6, 3).padding(1).groups(6))
        .add("grouped", Conv3d.of(9, 2).groups(3))
        .add("max", MaxPool3d.of(2))
        .add("transposed", ConvTranspose3d.of(5, 2))
        .add("strided", Conv3d.of(5, 3).stride(2).padding(1), "relu1")
        .add("mean", new AveragePool3d(Window.cube(2, 1, 0)))
        .add("flat1", new Flatten(), "transposed")
        .add("flat2", new Flatten(), "mean")
        .add("both", new Concat(), "flat1", "flat2")
        .add("fc", Linear.of(4))
        .build();
  }

  /** The same for images: a small U-shaped network with a label for each pixel. */
  static Network grouped() {
    return Network.named("grouped", Shape.of(3, 8, 10))
        .add("conv1", Conv2d.of(20, 3).padding(1))
        .add("relu1", Activation.relu())
        .add("depthwise", Conv2d.of(20, 3).padding(1).groups(20).withoutBias())
        .add("pool", MaxPool2d.of(2))
        .add("grouped", Conv2d.of(32, 3).padding(1).groups(2))
        .add("relu2", Activation.relu())
        .add("few", Conv2d.of(12, 1).groups(4))
        .add("up", ConvTranspose2d.of(7, 2))
        .add("both", new Concat(), "up", "relu1")
        .add("down", Conv2d.of(27, 3).padding(1).stride(2).groups(27))
        .add("wide", new ConvTranspose2d(6, Window.square(3, 2, 1), List.of(1, 1), 3, false))
        .add("out", Conv2d.of(4, 1))
        .build();
  }

  /** Indices, which an embedding takes; rows that fill no panel, and one for padding. */
  static Network tokens() {
    return Network.named("tokens", Shape.of(9))
        .add("embedding", new Embedding(23, 20, 3))
        .add("conv", new Conv2d(6, new Window(1, 3, 1, 1, 0, 1, 1, 1), true))
        .add("tanh", Activation.tanh())
        .add("mean", AveragePool2d.global())
        .add("flat", new Flatten())
        .add("fc", Linear.of(4))
        .build();
  }

  /** The residual network of the golden files. */
  static Network residual() {
    return Network.named("residual", Shape.of(3, 8, 8))
        .add("conv1", Conv2d.of(8, 3).padding(1).withoutBias())
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("conv2", Conv2d.of(8, 3).padding(1).withoutBias())
        .add("bn2", new BatchNorm2d())
        .add("sum1", new Sum(), "bn2", "relu1")
        .add("relu2", Activation.relu())
        .add("conv3", Conv2d.of(16, 3).padding(1).stride(2).withoutBias())
        .add("bn3", new BatchNorm2d())
        .add("downsample.0", Conv2d.of(16, 1).stride(2).withoutBias(), "relu2")
        .add("downsample.1", new BatchNorm2d())
        .add("sum2", new Sum(), "bn3", "downsample.1")
        .add("relu3", Activation.relu())
        .add("pool", AveragePool2d.global())
        .add("flatten", new Flatten())
        .add("fc", Linear.of(10))
        .build();
  }
}
