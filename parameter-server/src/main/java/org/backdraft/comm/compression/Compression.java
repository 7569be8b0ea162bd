package org.backdraft.comm.compression;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.tensor.Checks;
import org.backdraft.text.EditDistance;

/**
 * How gradients are made shorter for the wire.
 *
 * @param kind the form
 * @param fraction of the values that {@link Kind#TOP_K} sends, in (0, 0.5); 0 for all others
 */
public record Compression(Kind kind, double fraction) implements Serializable {
  /** Gradients travel as they are. */
  public static final Compression NONE = new Compression(Kind.NONE, 0);

  /** The forms, each with the word that configuration has for it. */
  public enum Kind {
    NONE("none"),
    BINARY16("fp16"),
    BFLOAT16("bf16"),
    INT8("int8"),
    TOP_K("topk"),
    ONE_BIT("onebit");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  public Compression {
    // Half of the values with their places are as long as all of them.
    Checks.argument(
        kind == Kind.TOP_K ? fraction > 0 && fraction < 0.5 : fraction == 0,
        "The fraction of topk must lie in (0, 0.5), like topk:0.01: got %s for %s.",
        fraction,
        kind.word);
  }

  /**
   * Reads {@code none}, {@code fp16}, {@code bf16}, {@code int8}, {@code onebit} or {@code
   * topk:FRACTION}.
   *
   * @param key what the text is the value of, for messages
   * @throws IllegalArgumentException if it is none of these
   */
  public static Compression parse(String key, String text) {
    int colon = text.indexOf(':');
    String word = colon < 0 ? text : text.substring(0, colon);
    for (Kind kind : Kind.values()) {
      if (kind.word.equals(word) && (colon >= 0) == (kind == Kind.TOP_K)) {
        return new Compression(kind, colon < 0 ? 0 : fraction(key, text, colon + 1));
      }
    }
    throw new IllegalArgumentException(
        "%s must be none, fp16, bf16, int8, topk:FRACTION or onebit: got '%s'.%s"
            .formatted(key, text, hint(text, word)));
  }

  private static double fraction(String key, String text, int from) {
    try {
      return Double.parseDouble(text.substring(from));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be topk:FRACTION with a number in (0, 0.5), like topk:0.01: got '%s'."
              .formatted(key, text),
          e);
    }
  }

  private static String hint(String text, String word) {
    List<String> words = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      words.add(kind == Kind.TOP_K ? "topk:0.01" : kind.word);
    }
    if (word.equals(Kind.TOP_K.word)) {
      return " Did you mean 'topk:0.01'?";
    }
    return EditDistance.nearest(text, words).map(w -> " Did you mean '" + w + "'?").orElse("");
  }

  /** Whether gradients travel as they are. */
  public boolean isNone() {
    return kind == Kind.NONE;
  }

  /** Whether a rank keeps what encoding loses: an array as long as the gradients. */
  public boolean needsFeedback() {
    return !isNone() && codec().needsFeedback();
  }

  /**
   * A codec of its own for each caller.
   *
   * @throws IllegalStateException if there is nothing to encode
   */
  public Codec codec() {
    return switch (kind) {
      case NONE -> throw new IllegalStateException("Gradients that travel as they are need none.");
      case BINARY16 -> new HalfCodec.Binary16();
      case BFLOAT16 -> new HalfCodec.Bfloat16();
      case INT8 -> new Int8Codec();
      case TOP_K -> new TopKCodec(fraction);
      case ONE_BIT -> new OneBitCodec();
    };
  }

  /** As in a configuration. */
  @Override
  public String toString() {
    return kind == Kind.TOP_K ? kind.word + ":" + fraction : kind.word;
  }
}
