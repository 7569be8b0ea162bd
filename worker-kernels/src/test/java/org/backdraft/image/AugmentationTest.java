package org.backdraft.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "crop",
        "crop:4",
        "flip",
        "flip-vertical",
        "turn",
        "rotate:10",
        "shift:2.5",
        "zoom:0.1",
        "shear:5",
        "elastic:34,4",
        "elastic-grid:10",
        "resized-crop",
        "resized-crop:0.5",
        "brightness:0.2",
        "contrast:0.3",
        "erase:0.5",
        "flip border:mirror"
      })
  void readsEveryStep(String text) {
    assertThat(Augmentation.parse(" " + text + "  ")).hasToString(text);
    assertThat(Augmentation.parse(text).isNone()).isFalse();
  }

  @Test
  void readsNothingAndSeveralSteps() {
    assertThat(Augmentation.parse(" ").isNone()).isTrue();
    assertThat(Augmentation.parse("crop:4  flip\terase:0.5").steps()).hasSize(3);
    assertThat(Augmentation.parse("flip").border(Border.EDGE)).isEqualTo(Border.EDGE);
    assertThat(Augmentation.parse("border:mirror flip").border(Border.ZERO))
        .isEqualTo(Border.MIRROR);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flop|Did you mean 'flip'?",
        "cropp:4|Did you mean 'crop'?",
        "Crop:4|Known are brightness, contrast",
        "crop:|needs a number behind the colon",
        "crop:x|numbers with commas",
        "crop:1.5|whole number of pixels",
        "crop:-1|must lie in [0.0, 4096.0]",
        "crop:1,2|must have 0 or 1 number(s): got 2",
        "flip:1|must have 0 number(s): got 1",
        "rotate|must have 1 number(s): got 0",
        "rotate:200|must lie in",
        "rotate:NaN|must lie in",
        "elastic:34|must have 2 number(s): got 1",
        "elastic:34,0|must lie in [0.5, 100.0]",
        "resized-crop:0|must lie in",
        "resized-crop resized-crop|at most one",
        "border:mirrored|border:zero, border:edge or border:mirror"
      })
  void refusesWhatIsNoStep(String text, String message) {
    assertThatThrownBy(() -> Augmentation.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data.augment")
        .hasMessageContaining(message);
  }
}
