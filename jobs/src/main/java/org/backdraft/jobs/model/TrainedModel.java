package org.backdraft.jobs.model;

import java.io.IOException;
import java.nio.file.Path;
import org.backdraft.driver.TrainingConfig;
import org.backdraft.driver.Weights;
import org.backdraft.jobs.run.RunDirectory;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkDescription;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/** The files of a trained model. */
public final class TrainedModel {
  private TrainedModel() {}

  /** The network as YAML that {@code --model} takes. */
  public static String yaml(Network network) {
    return new Dump(DumpSettings.builder().setWidth(100).build())
        .dumpToString(NetworkDescription.toMap(network));
  }

  public static void write(
      RunDirectory directory, Network network, Weights weights, TrainingConfig config)
      throws IOException {
    directory.write(RunDirectory.MODEL, yaml(network));
  }

  public static Weights weights(Path file, Network network) throws IOException {
    throw new IOException("TODO");
  }
}
