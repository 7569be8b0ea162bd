package org.backdraft.scaling;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays a step on all ranks at once, event by event.
 *
 * <p>A rank posts a round's sends in their order. Each occupies the sender's way out for b·β as
 * soon as that is free; its first byte is at the receiver α after it has left; there it waits until
 * all that came before is through, and occupies the way in for b·β. The round is over when the way
 * out has taken its sends and its receives are through; then its additions take γ a byte, then the
 * next round posts. Ways out and in are a host's, shared by its ranks and independent of each other
 * (full duplex); between ranks of one host a message is a copy, b·γ of the receiver.
 *
 * <p>So what is not modeled is what a message costs a processor, and that messages share a link
 * instead of queueing for it, which changes when the first of them ends and not when the last does.
 */
final class GangSimulator {
  private final GangTables tables;
  private final double[][] owned;
  private final CostParameters costs;
  private final StepShape shape;
  private final int buckets;
  private final int[] hostOf; // by rank
  private final double[] wayOut; // by host: when it is free
  private final double[] wayIn;
  private final double[] copied; // by rank: when it has made its copies
  private final double[] begins; // by rank: of the step
  private final double[] ends;
  private final double[] summed; // by rank: when all sums were there
  private final double[][] gathered; // by rank and bucket: when all of its parameters were there
  private final int[] current; // by rank: its round
  private final boolean[] isPosted; // by rank: whether that round waits for messages
  private final double[] sent; // by rank: when the way out has taken that round's sends
  private final int[] missing; // by round: messages
  private final double[] lastArrival; // by round
  private final EventQueue events = new EventQueue(); // below N a rank's post, then messages
  private double[] passSeconds = {};
  private double updateSeconds;

  /**
   * @param hosts the host of each rank
   */
  GangSimulator(
      StepRecorder.Recording recording, CostParameters costs, StepShape shape, List<String> hosts) {
    tables = recording.tables();
    owned = recording.owned();
    this.costs = costs;
    this.shape = shape;
    buckets = shape.buckets().size();
    int worldSize = tables.worldSize();
    hostOf = new int[worldSize];
    Map<String, Integer> numbers = new HashMap<>();
    for (int rank = 0; rank < worldSize; rank++) {
      Integer number = numbers.putIfAbsent(hosts.get(rank), numbers.size());
      hostOf[rank] = number == null ? numbers.size() - 1 : number;
    }
    wayOut = new double[numbers.size()];
    wayIn = new double[numbers.size()];
    copied = new double[worldSize];
    begins = new double[worldSize];
    ends = new double[worldSize];
    summed = new double[worldSize];
    gathered = new double[worldSize][buckets];
    current = new int[worldSize];
    isPosted = new boolean[worldSize];
    sent = new double[worldSize];
    missing = new int[tables.rounds()];
    lastArrival = new double[tables.rounds()];
  }

  /**
   * When the last rank can begin the next step, in seconds since the first step began. What its
   * forward pass waits for counts as if it had waited at the beginning.
   *
   * @param passSeconds forward and backward pass of each rank in that step
   */
  double nextBegin(double[] passSeconds) {
    double last = 0;
    for (int rank = 0; rank < tables.worldSize(); rank++) {
      last = Math.max(last, begin(rank, passSeconds[rank]));
    }
    return last;
  }

  private double begin(int rank, double pass) {
    if (buckets < 2) { // whose parameters the thread that computes waits for
      return ends[rank];
    }
    double begin = summed[rank] + updateSeconds * owned[rank][0];
    for (int bucket = buckets - 1; bucket >= 0; bucket--) {
      double needed = shape.buckets().get(bucket).neededFraction() * pass;
      begin = Math.max(begin, gathered[rank][bucket] - needed);
    }
    return begin;
  }

  /**
   * Plays a step, which each rank begins when it has what it needs of the one before.
   *
   * @param passSeconds forward and backward pass of each rank
   * @param updateSeconds an update of all parameters
   */
  void step(double[] passSeconds, double updateSeconds) {
    int worldSize = tables.worldSize();
    for (int rank = 0; rank < worldSize; rank++) {
      begins[rank] = begin(rank, passSeconds[rank]);
    }
    this.passSeconds = passSeconds;
    this.updateSeconds = updateSeconds;
    Arrays.fill(lastArrival, 0);
    for (int round = 0; round < missing.length; round++) {
      missing[round] = tables.expected(round);
    }
    for (int rank = 0; rank < worldSize; rank++) {
      current[rank] = tables.firstRound(rank);
      schedule(rank, ends[rank]);
    }
    while (!events.isEmpty()) {
      double now = events.time();
      int event = events.remove();
      if (event < worldSize) {
        post(event, now);
      } else {
        arrive(event - worldSize, now);
      }
    }
    for (int rank = 0; rank < worldSize; rank++) {
      if (current[rank] < tables.firstRound(rank + 1)) {
        throw new IllegalStateException(
            "Ranks must not wait for each other in a circle: rank %d waits for ever."
                .formatted(rank));
      }
    }
  }

  /**
   * The next round of a rank posts now, or when its gate opens; after the last one it has ended.
   */
  private void schedule(int rank, double now) {
    if (current[rank] == tables.firstRound(rank + 1)) {
      ends[rank] = now;
      if (buckets > 0) {
        gathered[rank][0] = now;
      }
      return;
    }
    int gate = tables.gate(current[rank]);
    events.add(gate < 0 ? now : Math.max(now, opens(gate, rank, now)), rank);
  }

  private double opens(int gate, int rank, double now) {
    if (gate < Gate.passOver(buckets)) {
      // A single bucket is exchanged by the thread that computes, once it has done so.
      double fraction = buckets == 1 ? 1 : shape.buckets().get(gate).readyFraction();
      return begins[rank] + fraction * passSeconds[rank];
    }
    if (gate == Gate.passOver(buckets)) {
      return begins[rank] + passSeconds[rank];
    }
    int bucket = gate - Gate.updated(0, buckets);
    if (bucket == buckets - 1) {
      summed[rank] = now;
    } else {
      gathered[rank][bucket + 1] = now;
    }
    return summed[rank] + updateSeconds * owned[rank][bucket];
  }

  private void post(int rank, double now) {
    int round = current[rank];
    int host = hostOf[rank];
    sent[rank] = now;
    for (int i = tables.sendBegin(round); i < tables.sendEnd(round); i++) {
      if (hostOf[tables.receiver(i)] == host) {
        events.add(now, tables.worldSize() + i);
        continue;
      }
      double leaves = Math.max(now, wayOut[host]);
      wayOut[host] = leaves + tables.bytes(i) * costs.secondsPerByte();
      sent[rank] = wayOut[host];
      events.add(leaves + costs.latencySeconds(), tables.worldSize() + i);
    }
    isPosted[rank] = true;
    completeIfDone(rank);
  }

  /** The first byte of a message is at its receiver. */
  private void arrive(int message, double now) {
    int rank = tables.receiver(message);
    int host = hostOf[rank];
    double through;
    if (hostOf[tables.sender(message)] == host) {
      through = Math.max(now, copied[rank]) + tables.bytes(message) * costs.secondsPerAddedByte();
      copied[rank] = through;
    } else {
      through = Math.max(now, wayIn[host]) + tables.bytes(message) * costs.secondsPerByte();
      wayIn[host] = through;
    }
    int round = tables.receivingRound(message);
    lastArrival[round] = Math.max(lastArrival[round], through);
    missing[round]--;
    if (current[rank] == round) {
      completeIfDone(rank);
    }
  }

  private void completeIfDone(int rank) {
    int round = current[rank];
    if (isPosted[rank] && missing[round] == 0) {
      isPosted[rank] = false;
      current[rank]++;
      double done = Math.max(sent[rank], lastArrival[round]);
      schedule(rank, done + tables.addedBytes(round) * costs.secondsPerAddedByte());
    }
  }
}
