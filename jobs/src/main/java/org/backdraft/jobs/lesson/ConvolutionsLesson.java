package org.backdraft.jobs.lesson;

import java.util.LinkedHashMap;
import java.util.Map;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Layer;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.NetworkSummary;

/** What padding, strides, dilation, groups and pooling do to sizes, costs and receptive fields. */
final class ConvolutionsLesson implements Lesson {
  private static final int CHANNELS = 8;
  private static final Shape INPUT = Shape.of(CHANNELS, 28, 28);

  private static Map<String, Layer> kinds() {
    Map<String, Layer> kinds = new LinkedHashMap<>();
    kinds.put("standard", Conv2d.of(CHANNELS, 3));
    kinds.put("half-padded", Conv2d.of(CHANNELS, 3).padding(1));
    kinds.put("full-padded", Conv2d.of(CHANNELS, 3).padding(2));
    kinds.put("strided", Conv2d.of(CHANNELS, 3).padding(1).stride(2));
    kinds.put("dilated", Conv2d.of(CHANNELS, 3).padding(2).dilation(2));
    kinds.put("depthwise", Conv2d.of(CHANNELS, 3).padding(1).groups(CHANNELS));
    kinds.put("pointwise", Conv2d.of(CHANNELS, 1));
    kinds.put("max-pooling", MaxPool2d.of(2));
    kinds.put("average-pooling", AveragePool2d.of(2));
    return kinds;
  }

  @Override
  public Shown show() {
    TextTable table =
        new TextTable("kind", ">output", ">parameters", ">multiply-adds", ">receptive field");
    Map<String, Object> results = new LinkedHashMap<>();
    kinds()
        .forEach(
            (name, layer) -> {
              Network network =
                  Network.named(name, INPUT).add("first", layer).add("second", layer).build();
              NetworkSummary summary = NetworkSummary.of(network);
              NetworkSummary.Row last = summary.layers().get(1);
              String output = last.output().dim(1) + "x" + last.output().dim(2);
              String field = last.receptiveFieldH() + "x" + last.receptiveFieldW();
              table.row(
                  name,
                  output,
                  "" + summary.parameters(),
                  Amounts.count(summary.multiplyAdds()),
                  field);
              results.put(name, output + " sees " + field);
            });
    return new Shown(
        "Two layers of a kind, 3x3 but for pooling (2x2) and pointwise (1x1), on 8 channels of 28x28:\n"
            + table
            + "Half padding (the kernel's radius) keeps the size, full padding lets each pixel be met by\n"
            + "every place of the kernel. Strides and pooling halve it and make what comes behind them see\n"
            + "farther; dilation does without losing pixels. Channels of their own cost an eighth.\n",
        results);
  }
}
