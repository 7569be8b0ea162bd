package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MasterUrlTest {
  @ParameterizedTest
  @CsvSource({
    "local,true,1,true",
    "local[3],true,3,true",
    "local[*],true,8,false",
    "'local[2,4]',true,2,true",
    "'local[*,4]',true,8,false",
    "spark://host:7077,false,0,true",
    "'local-cluster[2,1,1024]',false,0,true",
    "yarn,false,0,true"
  })
  void saysWhereTasksRun(String url, boolean isLocal, int slots, boolean isFixed) {
    assertThat(MasterUrl.of(url, 8)).isEqualTo(new MasterUrl(url, isLocal, slots, isFixed));
  }
}
