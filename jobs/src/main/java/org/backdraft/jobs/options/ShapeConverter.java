package org.backdraft.jobs.options;

import java.util.Arrays;
import org.backdraft.tensor.Shape;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 1x28x28} or {@code 784}. */
final class ShapeConverter implements ITypeConverter<Shape> {
  @Override
  public Shape convert(String text) {
    try {
      return Shape.of(Arrays.stream(text.split("x", -1)).mapToInt(Integer::parseInt).toArray());
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(
          "must be channels x height x width, such as 1x28x28, or with a depth behind the channels: got '%s'"
              .formatted(text));
    }
  }
}
