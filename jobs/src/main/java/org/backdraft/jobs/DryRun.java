package org.backdraft.jobs;

import java.io.PrintWriter;
import org.backdraft.driver.NetworkFactory;
import org.backdraft.driver.TrainingConfig;

record DryRun(TrainingConfig config, NetworkFactory factory) {
  int print(PrintWriter out, boolean json) {
    return 1;
  }
}
