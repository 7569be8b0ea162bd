package org.backdraft.data;

import java.util.stream.IntStream;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * {@code tokens:}: texts of made-up words, for networks that begin with an embedding. A word is a
 * whole number from 1 on; 0 fills up texts that are shorter than the longest.
 *
 * <p>Words are drawn as those of a language are, the w-th with a probability of about 1 / w (Zipf
 * 1949). Word w belongs to class (w − 1) mod {@code classes}. A share of the words of a text,
 * {@code signal}, is drawn from its own class alone, the others from all: so a text's class is that
 * which more of its words belong to than chance would have, and a few texts have lost it. Texts
 * have between half the length and all of it.
 *
 * <p>Options: {@code train} (4000), {@code val} (1000), {@code words} (1000, with word 0), {@code
 * length} (32), {@code classes} (4), {@code signal} (0.4), {@code seed} (7).
 *
 * @param words numbers of words are below this
 * @param length of the longest text
 * @param classes at most words − 1
 * @param signal in [0, 1]
 * @param key of the random numbers
 */
record TokenTexts(int words, int length, int classes, double signal, long key)
    implements GeneratedSource.Maker {
  private static final long serialVersionUID = 1L;

  /** The texts' own stream of random numbers: "tokens" in ASCII. */
  private static final long OPERATION = 0x74_6f_6b_65_6e_73L;

  /** Floats hold no larger whole numbers without gaps. */
  private static final int MOST_WORDS = 1 << 24;

  static DataSource open(String location, Split split) {
    String uri = "tokens:" + location;
    SourceOptions options =
        SourceOptions.parse(
            uri, location, "train", "val", "words", "length", "classes", "signal", "seed");
    long train = options.whole("train", 4000, 1, Integer.MAX_VALUE / 8);
    long validation = options.whole("val", 1000, 1, Integer.MAX_VALUE / 8);
    int words = (int) options.whole("words", 1000, 3, MOST_WORDS);
    int length = (int) options.whole("length", 32, 1, 1 << 16);
    int classes = (int) options.whole("classes", 4, 2, 1000);
    Checks.argument(
        classes < words,
        "Each class of '%s' must have a word: got %d classes, and %d words with word 0.",
        uri,
        classes,
        words);
    double signal = options.number("signal", 0.4, 0, 1);
    long seed = options.whole("seed", 7, Long.MIN_VALUE, Long.MAX_VALUE);
    return new GeneratedSource(
        uri,
        new ValueRecords(length, 0, null),
        IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
        split == Split.TRAIN ? train : validation,
        new TokenTexts(
            words, length, classes, signal, GeneratedSource.key(seed, split, OPERATION)));
  }

  @Override
  public int bytes() {
    return length * Float.BYTES;
  }

  @Override
  public GeneratedSource.Writer writer() {
    double logWords = StrictMath.log(words - 1);
    return (id, target, base) -> {
      int label = (int) (id % classes);
      int least = (length + 1) / 2;
      int own = least + (int) (CounterRandom.uniform(key, id, 0) * (length - least + 1));
      for (int position = 0; position < length; position++) {
        int word = position < own ? word(id, position, label, logWords) : 0;
        ValueRecords.put(target, base + position * Float.BYTES, word);
      }
      return label;
    };
  }

  private int word(long id, int position, int label, double logWords) {
    // exp(u · log n) has a density of 1 / w.
    double uniform = CounterRandom.uniform(key, id, 1 + 2L * position);
    int word = Math.min(words - 1, (int) StrictMath.exp(uniform * logWords));
    if (CounterRandom.uniform(key, id, 2 + 2L * position) >= signal) {
      return word;
    }
    int sameRank = (word - 1) / classes * classes + label + 1;
    return sameRank < words ? sameRank : sameRank - classes;
  }
}
