package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.backdraft.baseline.LabelledExamples;
import org.backdraft.kernel.KernelLookup;
import org.junit.jupiter.api.Test;

class ClassSurveyTest {
  private static final int EXAMPLES = 103;

  private static ClassSurvey survey(int examplesPerBlock, int[] ids, boolean backwards)
      throws IOException {
    DataSource source =
        DataSources.open("digits:train=" + EXAMPLES, Split.TRAIN, HadoopSettings.defaults());
    List<ClassSurvey> parts = new ArrayList<>();
    try (BlockReader blocks = source.read(0, EXAMPLES, examplesPerBlock)) {
      for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
        parts.add(ClassSurvey.of(block, 10, ids));
      }
    }
    if (backwards) {
      Collections.reverse(parts);
    }
    return parts.stream().reduce(ClassSurvey::plus).orElseThrow();
  }

  private static LabelledExamples examples(ClassSurvey survey) throws IOException {
    Decoder decoder =
        new Decoder(
            org.backdraft.tensor.Shape.of(1, 28, 28), new float[] {1 / 255f}, new float[] {0});
    return survey.examples(decoder, KernelLookup.choose().kernels());
  }

  @Test
  void blocksAndTheirOrderChangeNothing() throws IOException {
    int[] ids = ClassSurvey.spread(EXAMPLES, 20);
    ClassSurvey whole = survey(EXAMPLES, ids, false);
    ClassSurvey parts = survey(10, ids, true);

    assertThat(whole.picked()).hasSize(20);
    assertThat(parts.counts()).isEqualTo(whole.counts());
    assertThat(java.util.Arrays.stream(whole.counts()).sum()).isEqualTo(EXAMPLES);
    assertThat(examples(parts).labels()).isEqualTo(examples(whole).labels());
    assertThat(examples(parts).inputs()).isEqualTo(examples(whole).inputs());
    assertThat(examples(whole).inputs()).contains(1f).doesNotContain(255f);
  }

  @Test
  void idsAreSpreadOverTheWholeSet() {
    assertThat(ClassSurvey.spread(5, 9)).containsExactly(0, 1, 2, 3, 4);
    assertThat(ClassSurvey.spread(5, 0)).isEmpty();
    int[] some = ClassSurvey.spread(1000, 10);
    for (int i = 0; i < 10; i++) {
      assertThat(some[i]).isBetween(100 * i, 100 * i + 99);
    }
  }
}
