package org.backdraft.data;

import java.io.IOException;
import java.io.Serializable;
import org.backdraft.tensor.Shape;

/** What {@code data.normalize} asks for. */
public record Normalization(String text) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Supplies the exact sums over the training set, when they are asked for. */
  public interface Statistics {
    ChannelSums sums() throws IOException;
  }

  /** Parses {@code unit}, {@code standard} or {@code mean:std} lists. */
  public static Normalization parse(String text) {
    throw new UnsupportedOperationException("in work");
  }

  /** The decoder for examples of that shape. */
  public Decoder decoder(Shape shape, Statistics statistics) throws IOException {
    throw new UnsupportedOperationException("in work");
  }
}
