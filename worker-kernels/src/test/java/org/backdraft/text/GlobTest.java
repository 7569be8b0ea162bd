package org.backdraft.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "features.*, features.0.weight, true",
    "features.*, features, false",
    "features.*, features., true",
    "*.bias, layer1.0.conv1.bias, true",
    "*.bias, bias, false",
    "*bias, bias, true",
    "*, anything.at.all, true",
    "conv?.weight, conv1.weight, true",
    "conv?.weight, conv12.weight, false",
    "a*b*c, aXbYbZc, true",
    "a*b*c, aXbYbZ, false",
    "a*ab, aaab, true",
    "a, a, true",
    "a, ab, false",
    "ab, a, false",
    "a.c, abc, false",
    "'', '', true",
    "'', a, false",
    "**, '', true"
  })
  void namesMatchAsInAShell(String pattern, String name, boolean expected) {
    assertThat(new Glob(pattern).matches(name)).isEqualTo(expected);
  }
}
