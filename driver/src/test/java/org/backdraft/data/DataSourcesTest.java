package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataSourcesTest {
  @ParameterizedTest
  @CsvSource({
    "digit:, Did you mean 'digits:'?",
    "IDX:/data, Did you mean 'idx:'?",
    "/data/mnist, write 'idx:/data/mnist'",
    "parquet:/data, got 'parquet:/data'",
    "digits, got 'digits'",
  })
  void anUnknownFormatIsRefusedWithTheKnownOnes(String uri, String hint) {
    assertThatThrownBy(() -> DataSources.open(uri, Split.TRAIN, HadoopSettings.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "[arms, csv, digits, function, idx, imagefolder, moving-digits, placed-digits, points, segmentation,"
                + " tokens]")
        .hasMessageContaining(hint);
  }

  @Test
  void settingsKeepWhatDiffersFromTheDefaults() {
    Configuration configuration = new Configuration();
    configuration.set("fs.example.key", "value");
    HadoopSettings settings = HadoopSettings.of(configuration);
    assertThat(settings.configuration().get("fs.example.key")).isEqualTo("value");
    assertThat(settings.entries()).isEqualTo(1);
    assertThat(HadoopSettings.defaults().entries()).isZero();
  }
}
