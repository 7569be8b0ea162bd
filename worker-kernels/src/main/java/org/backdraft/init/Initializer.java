package org.backdraft.init;

import java.util.Arrays;
import java.util.List;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterTable;

/**
 * A rule for the first values of the weights of a network. What is no weight does not depend on the
 * rule: biases, shifts and running means start at 0, scales and running variances at 1.
 *
 * <p>Values are a function of the seed, the number of the tensor in its table and the element's
 * index alone. Immutable and thread-safe.
 */
public enum Initializer {
  /** All weights 0, as a demonstration: hidden units stay equal for ever. */
  ZERO("zero"),
  /** Normal with mean 0 and standard deviation 0.01, as in Krizhevsky et al. 2012. */
  NORMAL("normal"),
  /**
   * Uniform in ±√(6 / (fanIn + fanOut)); Glorot and Bengio 2010, <em>Understanding the difficulty
   * of training deep feedforward neural networks</em>, equation 16.
   */
  XAVIER("xavier"),
  /**
   * Normal with mean 0 and variance 2 / fanIn; He et al. 2015, <em>Delving deep into
   * rectifiers</em>, equation 10.
   */
  HE("he");

  /** What a network is initialised with where nothing else is said. */
  public static final Initializer DEFAULT = HE;

  private static final float NORMAL_DEVIATION = 0.01f;

  /** Sets the keys of initialisation apart from those of other uses of random numbers ("init"). */
  private static final long KEY = 0x696e6974L << 32;

  private final String configName;

  Initializer(String configName) {
    this.configName = configName;
  }

  /** The name in configuration. */
  public String configName() {
    return configName;
  }

  /** All names, in the order of the constants. */
  public static List<String> names() {
    return Arrays.stream(values()).map(Initializer::configName).toList();
  }

  /**
   * The rule of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Initializer named(String name) {
    for (Initializer each : values()) {
      if (each.configName.equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "init must be one of %s: got '%s'.".formatted(names(), name));
  }

  /**
   * Writes the first values of all arrays of a table of parameters or of buffers.
   *
   * @param values at least the table's size, written
   */
  public void initialize(ParameterTable table, float[] values, long seed) {
    Checks.argument(
        values.length >= table.size(),
        "There must be room for %d values: got %d.",
        table.size(),
        values.length);
    long key = CounterRandom.key(seed, 0, KEY);
    int tensor = 0;
    for (ParameterTable.Entry entry : table.entries()) {
      switch (entry.spec().role()) {
        case WEIGHT, EMBEDDING -> weights(entry, values, key, tensor);
        case BIAS, SHIFT, RUNNING_MEAN -> Arrays.fill(values, entry.begin(), entry.end(), 0);
        case SCALE, RUNNING_VARIANCE -> Arrays.fill(values, entry.begin(), entry.end(), 1);
      }
      tensor++;
    }
  }

  private void weights(ParameterTable.Entry entry, float[] values, long key, long tensor) {
    int fanIn = entry.spec().fanIn();
    int fanOut = entry.spec().fanOut();
    switch (this) {
      case ZERO -> Arrays.fill(values, entry.begin(), entry.end(), 0);
      case NORMAL -> normal(entry, values, key, tensor, NORMAL_DEVIATION);
      case XAVIER -> uniform(entry, values, key, tensor, StrictMath.sqrt(6.0 / (fanIn + fanOut)));
      case HE -> normal(entry, values, key, tensor, StrictMath.sqrt(2.0 / fanIn));
    }
  }

  private static void uniform(
      ParameterTable.Entry entry, float[] values, long key, long tensor, double bound) {
    for (int i = 0; i < entry.length(); i++) {
      // The middle of each interval of 2^-24, so that the mean is 0 and ±bound are never reached.
      double unit = CounterRandom.uniform(key, tensor, i) + 0x1p-25;
      values[entry.begin() + i] = (float) ((2 * unit - 1) * bound);
    }
  }

  /** Box and Muller 1958: elements 2j and 2j + 1 come from the uniform numbers 2j and 2j + 1. */
  private static void normal(
      ParameterTable.Entry entry, float[] values, long key, long tensor, double deviation) {
    for (int i = 0; i < entry.length(); i += 2) {
      double first = CounterRandom.uniform(key, tensor, i) + 0x1p-25;
      double angle = 2 * Math.PI * CounterRandom.uniform(key, tensor, i + 1L);
      double radius = deviation * StrictMath.sqrt(-2 * StrictMath.log(first));
      values[entry.begin() + i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < entry.length()) {
        values[entry.begin() + i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
  }
}
