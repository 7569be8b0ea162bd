package org.backdraft.comm.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.backdraft.comm.algorithm.Adder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorFeedbackTest {
  private static final int LENGTH = 9001;

  static final Adder ADDER =
      (target, a, source, b, count) -> {
        for (int i = 0; i < count; i++) {
          target[a + i] += source[b + i];
        }
      };

  private static Codec codec(String text) {
    return Compression.parse("test", text).codec();
  }

  private static float[] sent(ErrorFeedback feedback, Codec codec, float[] values) {
    float[] encoded = new float[codec.encodedLength(values.length)];
    float[] sent = new float[values.length];
    feedback.encode(values, 0, values.length, encoded, 0);
    codec.addDecoded(encoded, 0, sent, 0, values.length, 1);
    return sent;
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "topk:0.05"})
  void whatIsSentAndWhatIsOwedAreTheValuesExactly(String form) {
    Codec codec = codec(form);
    ErrorFeedback feedback = new ErrorFeedback(codec, ADDER, LENGTH);
    for (int step = 0; step < 5; step++) {
      float[] values = Forms.values(step, LENGTH); // afterwards with what was owed before
      float[] sent = sent(feedback, codec, values);
      for (int i = 0; i < LENGTH; i++) {
        if ((double) sent[i] + feedback.residuals()[i] != values[i]) {
          assertThat((double) sent[i] + feedback.residuals()[i]).isEqualTo(values[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "topk:0.05", "onebit"})
  void overManyStepsNothingIsLost(String form) {
    Codec codec = codec(form);
    ErrorFeedback feedback = new ErrorFeedback(codec, ADDER, LENGTH);
    double[] wanted = new double[LENGTH];
    double[] got = new double[LENGTH];
    for (int step = 0; step < 50; step++) {
      float[] values = Forms.values(step, LENGTH);
      for (int i = 0; i < LENGTH; i++) {
        wanted[i] += values[i];
      }
      float[] sent = sent(feedback, codec, values);
      for (int i = 0; i < LENGTH; i++) {
        got[i] += sent[i];
      }
    }
    for (int i = 0; i < LENGTH; i++) {
      assertThat(got[i] + feedback.residuals()[i]).isCloseTo(wanted[i], within(1e-4));
    }
  }

  @Test
  void topKSendsEveryValueSoonerOrLater() {
    Codec codec = codec("topk:0.05");
    ErrorFeedback feedback = new ErrorFeedback(codec, ADDER, LENGTH);
    boolean[] seen = new boolean[LENGTH];
    for (int step = 0; step < 200; step++) {
      float[] values = new float[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        values[i] = 1 + i % 7;
      }
      float[] sent = sent(feedback, codec, values);
      for (int i = 0; i < LENGTH; i++) {
        seen[i] |= sent[i] != 0;
      }
    }
    assertThat(seen).doesNotContain(false);
  }

  @Test
  void whatIsOwedIsScaledAndSettled() {
    Codec codec = codec("topk:0.4");
    ErrorFeedback feedback = new ErrorFeedback(codec, ADDER, 4);
    float[] encoded = new float[codec.encodedLength(4)];
    feedback.encode(new float[] {1, 9, 8, 2}, 0, 4, encoded, 0);
    assertThat(feedback.residuals()).containsExactly(1, 0, 0, 2);
    feedback.scale(0.25f);
    float[] values = {10, 10, 10, 10};
    feedback.settle(values, 2, 2);
    assertThat(values).containsExactly(10, 10, 10, 10.5f);
    assertThat(feedback.residuals()).containsExactly(0.25f, 0, 0, 0);
  }

  @Test
  void halvesOweNothing() {
    for (String form : new String[] {"fp16", "bf16"}) {
      Codec codec = codec(form);
      ErrorFeedback feedback = new ErrorFeedback(codec, ADDER, 3);
      float[] values = {0.1f, 0.2f, 0.3f};
      assertThat(sent(feedback, codec, values))
          .isEqualTo(Forms.decoded(codec, new float[] {0.1f, 0.2f, 0.3f}, 0, 3));
      assertThat(feedback.residuals()).isEmpty();
    }
  }
}
