package org.backdraft.jobs.fault;

/** Where in a training step a fault may strike. */
public enum FaultPoint {
  /** Behind the forward pass: the loss has still to be computed. */
  PASS("org.backdraft.plan.PassRunner", "loss", 0, true),
  /** Sends and receives of a collective are posted, nothing has moved. */
  ALL_REDUCE("org.backdraft.comm.transport.tcp.TcpTransport", "await", 1, true),
  /** A range of parameters is updated, and not told to the others. */
  UPDATE("org.backdraft.plan.ParameterUpdate", "run", 2, false);

  private final String type;
  private final String method;
  private final int arguments;
  private final boolean isBefore;

  FaultPoint(String type, String method, int arguments, boolean isBefore) {
    this.type = type;
    this.method = method;
    this.arguments = arguments;
    this.isBefore = isBefore;
  }

  /** The class that is struck, by its binary name. */
  String type() {
    return type;
  }

  String method() {
    return method;
  }

  /** How many the method takes. */
  int arguments() {
    return arguments;
  }

  /** Whether the fault strikes when the method begins; else when it ends. */
  boolean isBefore() {
    return isBefore;
  }
}
