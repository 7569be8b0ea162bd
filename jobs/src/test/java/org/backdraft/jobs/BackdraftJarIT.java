package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** What is in the one jar for spark-submit, and what must not be. */
final class BackdraftJarIT {
  private static final List<String> FOREIGN =
      List.of(
          "org/apache/spark/",
          "org/apache/hadoop/",
          "scala/",
          "com/fasterxml/",
          "org/slf4j/",
          "org/apache/logging/",
          "com/esotericsoftware/",
          "org/snakeyaml/",
          "org/junit/",
          "org/assertj/",
          "net/bytebuddy/",
          "org/backdraft/jobs/fault/");

  @Test
  void jarHoldsBackdraftAndNothingThatAClusterBrings() throws Exception {
    try (JarFile jar = new JarFile(Path.of("target/backdraft.jar").toFile())) {
      List<String> names = jar.stream().map(entry -> entry.getName()).toList();
      assertThat(names)
          .contains(
              "org/backdraft/jobs/Backdraft.class",
              "org/backdraft/driver/TrainingJob.class",
              "org/backdraft/comm/Collectives.class",
              "org/backdraft/kernel/Kernels.class",
              "org/backdraft/jobs/recipes/quickstart.yaml",
              "org/backdraft/shaded/snakeyaml/v2/api/Load.class",
              "picocli/CommandLine.class");
      for (String foreign : FOREIGN) {
        assertThat(names).as(foreign).noneMatch(name -> name.startsWith(foreign));
      }
      Attributes attributes = jar.getManifest().getMainAttributes();
      assertThat(attributes.getValue("Main-Class")).isEqualTo("org.backdraft.jobs.Backdraft");
      assertThat(attributes.getValue("Premain-Class")).as("an agent").isNull();
    }
  }

  @Test
  void classesAreForJava17() throws Exception {
    try (JarFile jar = new JarFile(Path.of("target/backdraft.jar").toFile());
        var stream =
            new java.io.DataInputStream(
                jar.getInputStream(jar.getEntry("org/backdraft/jobs/Backdraft.class")))) {
      assertThat(stream.readInt()).isEqualTo(0xCAFEBABE);
      stream.readUnsignedShort();
      assertThat(stream.readUnsignedShort()).isEqualTo(61);
    }
  }
}
