package org.backdraft.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.tensor.Checks;

/**
 * A worker's side of a table and all its shards:
 *
 * <pre>{@code
 * long clock = client.join();
 * while (training) {
 *   client.pull(clock, parameters);            // waits until the others are close enough
 *   compute(parameters, sums, totals);
 *   client.push(clock, sums, totals);          // returns when every shard has them
 *   client.complete(clock++);
 * }
 * client.finish();
 * }</pre>
 *
 * <p>Every operation ends, or fails with a {@link ShardException}, before its deadline: that of a
 * {@link ClientSettings#deadline} in which no request was done. Whatever was sent twice counts
 * once. After a timeout it may be tried again; after any other failure the client can only be
 * closed.
 *
 * <p><b>Threads</b>: used by one thread; one thread a shard talks to it meanwhile.
 */
public final class ParameterClient implements AutoCloseable {
  private final ShardPlan plan;
  private final int worker;
  private final int incarnation;
  private final ShardConversation[] conversations; // by shard
  private final ExecutorService threads;
  private final BlockRows[] rows; // by block
  private final LongAdder pushedBytes = new LongAdder();

  /**
   * @param worker in [0, workers)
   * @param incarnation which start of this worker it is, from 0
   * @param shards a channel to each shard, closed by this client
   */
  public ParameterClient(
      ShardPlan plan,
      int worker,
      int incarnation,
      List<MessageChannel> shards,
      ClientSettings settings) {
    Checks.argument(
        shards.size() == plan.shards(),
        "There must be a channel to each of %d shards: got %d.",
        plan.shards(),
        shards.size());
    this.plan = plan;
    this.worker = worker;
    this.incarnation = incarnation;
    conversations = new ShardConversation[shards.size()];
    for (int shard = 0; shard < conversations.length; shard++) {
      conversations[shard] = new ShardConversation(worker, shard, shards.get(shard), settings);
    }
    rows = new BlockRows[plan.blocks()];
    Arrays.setAll(rows, plan::rows);
    threads =
        Executors.newFixedThreadPool(conversations.length, new NamedThreadFactory("shard-client"));
  }

  /** Begins, or begins again; the clock to go on at. */
  public long join() throws ShardException {
    long[] clocks = new long[conversations.length];
    runAll(
        "join",
        0,
        shard ->
            List.of(
                new ShardConversation.Task() {
                  @Override
                  Message request(long number) {
                    return ShardProtocol.plain(
                        ShardProtocol.JOIN, number, plan.epoch(), worker, incarnation, 0);
                  }

                  @Override
                  void done(Answer answer) {
                    clocks[shard] = answer.number();
                  }
                }));
    long clock = Arrays.stream(clocks).max().orElse(0);
    if (clock > 0) {
      complete(clock - 1);
    }
    return clock;
  }

  /**
   * Pushes sums of the whole table. Of the rows of a block (see {@link ShardPlan#withRows}) those
   * that hold anything but +0 are sent alone where this takes fewer bytes: what shards get is the
   * same.
   *
   * @param sums with {@code bsp} one array for each of this worker's subtrees, else one array
   * @param totals beside each of them
   */
  public void push(long clock, float[][] sums, float[][] totals) throws ShardException {
    Checks.argument(
        sums.length == totals.length,
        "There must be totals for each of %d sums: got %d.",
        sums.length,
        totals.length);
    for (float[] sum : sums) {
      Checks.argument(
          sum.length >= plan.size(),
          "Sums must be there for %d elements: got %d.",
          plan.size(),
          sum.length);
    }
    runAll(
        "push",
        clock,
        shard -> {
          List<ShardConversation.Task> tasks = new ArrayList<>();
          for (int block = 0; block < plan.blocks(); block++) {
            for (int i = 0; i < sums.length && plan.owner(block) == shard; i++) {
              tasks.add(pushTask(clock, block, i, sums[i], totals[i]));
            }
          }
          return tasks;
        });
  }

  /** Bytes of all pushes so far, each counted once, however often it had to be sent. */
  public long pushedBytes() {
    return pushedBytes.sum();
  }

  /**
   * Leads one round of a step: collects what all blocks contribute to it, and tells all shards what
   * it makes known. After its push one worker leads each round, the others only pull: a shard that
   * waits for the leader says that it waits for worker 0.
   *
   * @param clock the step
   * @param round below {@link BlockOptimizer#rounds}
   * @param combine of measures of block 0, 1, … one after the other: {@link BlockOptimizer#combine}
   */
  public void settle(long clock, int round, UnaryOperator<double[]> combine) throws ShardException {
    double[][] measures = new double[plan.blocks()][];
    runAll(
        "measure",
        clock,
        shard -> {
          List<ShardConversation.Task> tasks = new ArrayList<>();
          for (int block = 0; block < plan.blocks(); block++) {
            if (plan.owner(block) == shard) {
              tasks.add(measureTask(shard, clock, block, round, measures));
            }
          }
          return tasks;
        });
    double[] known = combine.apply(concatenated(measures));
    runAll(
        "settle",
        clock,
        shard ->
            List.of(
                new ShardConversation.Task() {
                  @Override
                  Message request(long number) {
                    return ShardProtocol.settle(
                        number, plan.epoch(), worker, incarnation, clock, round, known);
                  }
                }));
  }

  private ShardConversation.Task measureTask(
      int shard, long clock, int block, int round, double[][] measures) {
    int waitMillis = conversations[shard].waitMillis();
    return new ShardConversation.Task() {
      @Override
      Message request(long number) {
        return ShardProtocol.measures(
            number, plan.epoch(), worker, incarnation, clock, block, waitMillis, round);
      }

      @Override
      void done(Answer answer) {
        measures[block] = answer.measures();
      }
    };
  }

  private static double[] concatenated(double[][] parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Looks for rows when its turn has come: until then it takes no memory. */
  private ShardConversation.Task pushTask(
      long clock, int block, int sequence, float[] sums, float[] totals) {
    return new ShardConversation.Task() {
      @Override
      Message request(long number) {
        int begin = plan.begin(block);
        int end = plan.end(block);
        int[] touched = rows[block].touched(sums, begin);
        Push push =
            new Push(
                plan.epoch(), worker, incarnation, clock, block, sequence, touched, null, null);
        Message message;
        if (touched == null) {
          message = ShardProtocol.push(number, push, sums, begin, end, totals);
        } else {
          float[] packed = rows[block].gather(sums, begin, touched);
          message = ShardProtocol.push(number, push, packed, 0, packed.length, totals);
        }
        pushedBytes.add(message.payload().length);
        return message;
      }
    };
  }

  /**
   * Copies the whole table into {@code values}.
   *
   * @param clock how many steps this worker has completed
   */
  public void pull(long clock, float[] values) throws ShardException {
    Checks.argument(
        values.length >= plan.size(),
        "There must be room for %d elements: got %d.",
        plan.size(),
        values.length);
    runAll(
        "pull",
        clock,
        shard -> {
          List<ShardConversation.Task> tasks = new ArrayList<>();
          for (int block = 0; block < plan.blocks(); block++) {
            if (plan.owner(block) == shard) {
              tasks.add(pullTask(shard, clock, block, values));
            }
          }
          return tasks;
        });
  }

  private ShardConversation.Task pullTask(int shard, long clock, int block, float[] values) {
    int waitMillis = conversations[shard].waitMillis();
    return new ShardConversation.Task() {
      @Override
      Message request(long number) {
        return ShardProtocol.pull(
            number, plan.epoch(), worker, incarnation, clock, block, waitMillis);
      }

      @Override
      void done(Answer answer) {
        int length = plan.end(block) - plan.begin(block);
        System.arraycopy(answer.values(), 0, values, plan.begin(block), length);
      }
    };
  }

  /** Says that this worker's step {@code clock} is done; with {@code bsp} not needed. */
  public void complete(long clock) throws ShardException {
    plain("complete", ShardProtocol.COMPLETE, clock);
  }

  /** Says that this worker pushes no more, so that nobody waits for it. */
  public void finish() throws ShardException {
    plain("finish", ShardProtocol.FINISH, 0);
  }

  private void plain(String operation, int type, long clock) throws ShardException {
    runAll(
        operation,
        clock,
        shard ->
            List.of(
                new ShardConversation.Task() {
                  @Override
                  Message request(long number) {
                    return ShardProtocol.plain(
                        type, number, plan.epoch(), worker, incarnation, clock);
                  }
                }));
  }

  /** What is asked of a shard. */
  private interface Tasks {
    List<? extends ShardConversation.Task> of(int shard);
  }

  private void runAll(String operation, long clock, Tasks tasks) throws ShardException {
    CompletionService<Void> talks = new ExecutorCompletionService<>(threads);
    for (int shard = 0; shard < conversations.length; shard++) {
      int one = shard;
      Future<Void> unused =
          talks.submit(
              () -> {
                conversations[one].run(operation, clock, tasks.of(one));
                return null;
              });
    }
    ShardException failure = null;
    for (int done = 0; done < conversations.length; done++) {
      try {
        talks.take().get();
      } catch (ExecutionException e) {
        failure = failure(e.getCause(), failure);
      } catch (InterruptedException e) {
        closeChannels();
        Thread.currentThread().interrupt();
        throw new ShardException.Lost(
            new ShardException.Where(worker, operation, clock, -1, "any", 0), e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * The failure that came first. Where a shard is lost, or refuses, there is nothing to be had from
   * the others: they may wait for those that lost it too.
   */
  private ShardException failure(Throwable cause, ShardException before) {
    if (cause instanceof ShardException e) {
      if (!(e instanceof ShardException.Timeout)) {
        closeChannels();
      }
      return before == null ? e : before;
    }
    if (cause instanceof RuntimeException e) {
      throw e;
    }
    throw new AssertionError(cause);
  }

  private void closeChannels() {
    for (ShardConversation conversation : conversations) {
      conversation.close();
    }
  }

  /** Closes the channels; the shards see that this worker is gone. */
  @Override
  public void close() {
    closeChannels();
    threads.shutdownNow();
  }
}
