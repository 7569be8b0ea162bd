package org.backdraft.jobs;

import picocli.CommandLine.Command;

@Command(name = "eval")
final class EvalCommand implements Runnable {
  @Override
  public void run() {}
}
