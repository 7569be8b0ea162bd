package org.backdraft.jobs.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AmountsTest {
  @Test
  void bytesHaveThreeDigitsInPowersOf1024() {
    assertThat(Amounts.bytes(0)).isEqualTo("0 bytes");
    assertThat(Amounts.bytes(999)).isEqualTo("999 bytes");
    assertThat(Amounts.bytes(1000)).isEqualTo("0.98 KB");
    assertThat(Amounts.bytes(246_824)).isEqualTo("241 KB");
    assertThat(Amounts.bytes(3L << 30)).isEqualTo("3.00 GB");
    assertThat(Amounts.bytes(Long.MAX_VALUE)).endsWith(" TB");
  }

  @Test
  void bigCountsHaveThreeDigitsInPowersOf1000() {
    assertThat(Amounts.si(0)).isEqualTo("0");
    assertThat(Amounts.si(999)).isEqualTo("999");
    assertThat(Amounts.si(416_520)).isEqualTo("417 k");
    assertThat(Amounts.si(15.47e9)).isEqualTo("15.5 G");
  }

  @Test
  void durationsGrowFromSecondsToHours() {
    assertThat(Amounts.duration(9.84)).isEqualTo("9.8s");
    assertThat(Amounts.duration(59.96)).isEqualTo("1m00s");
    assertThat(Amounts.duration(185)).isEqualTo("3m05s");
    assertThat(Amounts.duration(3720)).isEqualTo("1h02m");
  }

  @Test
  void missingNumbersAreDashes() {
    assertThat(Amounts.loss(Double.NaN)).isEqualTo("-");
    assertThat(Amounts.percent(Double.NaN)).isEqualTo("-");
    assertThat(Amounts.percent(0.9713)).isEqualTo("97.1%");
  }
}
