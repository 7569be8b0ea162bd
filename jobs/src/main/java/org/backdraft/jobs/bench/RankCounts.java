package org.backdraft.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.leaf.Leaves;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Numbers of ranks, ascending: {@code 2..4096} for 2, 4, 8 … up to 4096, {@code 3,5,8} for these.
 *
 * @param values each in [2, {@link Leaves#MAX}]
 */
record RankCounts(List<Integer> values) {
  RankCounts {
    values = List.copyOf(values);
  }

  static final class Converter implements ITypeConverter<RankCounts> {
    @Override
    public RankCounts convert(String text) {
      List<Integer> values = new ArrayList<>();
      try {
        int dots = text.indexOf("..");
        if (dots >= 0) {
          int last = Integer.parseInt(text.substring(dots + 2));
          for (long each = Integer.parseInt(text.substring(0, dots)); each <= last; each *= 2) {
            values.add(checked((int) each));
          }
        } else {
          for (String word : text.split(",", -1)) {
            values.add(checked(Integer.parseInt(word)));
          }
        }
      } catch (NumberFormatException e) {
        values.clear();
      }
      if (values.isEmpty() || !isAscending(values)) {
        throw new TypeConversionException(
            "must be two numbers of ranks, such as 2..4096, or ascending ones, such as 3,5,8, each"
                + " in [2, %d]: got '%s'".formatted(Leaves.MAX, text));
      }
      return new RankCounts(values);
    }

    private static int checked(int ranks) {
      if (ranks < 2 || ranks > Leaves.MAX) {
        throw new NumberFormatException("out of range: " + ranks);
      }
      return ranks;
    }

    private static boolean isAscending(List<Integer> values) {
      for (int i = 1; i < values.size(); i++) {
        if (values.get(i) <= values.get(i - 1)) {
          return false;
        }
      }
      return true;
    }
  }
}
