package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LeakTest {
  private static final int ROUNDS = 20;

  @Test
  void gangsLeaveNoSocketsBehind() throws Exception {
    Mesh.close(Mesh.connect(2)); // what the JVM opens once
    long before = openFiles();
    for (int round = 0; round < ROUNDS; round++) {
      Mesh.close(Mesh.connect(4));
    }
    // A leak would keep at least one of twelve sockets or four selectors of each round.
    assertThat(openFiles() - before).isLessThan(ROUNDS);
  }

  @Test
  void controlServersLeaveNoSocketsAndThreadsBehind() throws Exception {
    serveOnce();
    long before = openFiles();
    for (int round = 0; round < ROUNDS; round++) {
      serveOnce();
    }
    assertThat(openFiles() - before).isLessThan(ROUNDS);
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("backdraft-control-accept"));
  }

  private static void serveOnce() throws IOException {
    ControlServer.Listener ignoring =
        new ControlServer.Listener() {
          @Override
          public void connected(int rank, MessageChannel channel) {}

          @Override
          public void refused(String reason) {}

          @Override
          public void failed(IOException cause) {}
        };
    try (ControlServer server = ControlServer.open(Mesh.HOST, Mesh.credentials(0), 1, ignoring);
        MessageChannel client =
            ControlClient.connect(Mesh.HOST, server.port(), Mesh.credentials(0), 0, Mesh.LONG)) {
      assertThat(client.remote()).endsWith(":" + server.port());
    }
  }

  private static long openFiles() {
    assumeTrue(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean,
        "open files can be counted on Unix only");
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void stepsAllocateNextToNothing(int worldSize) throws Exception {
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> local = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      local.add(gang.join(rank));
    }
    for (List<Transport> transports : List.of(local, Mesh.connect(worldSize))) {
      RankThreads.runAll(transports, LeakTest::reduceManyTimes);
    }
  }

  private static void reduceManyTimes(Transport transport) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Leaves leaves = new Leaves(8);
    int rank = transport.context().rank();
    int nodes = leaves.rangeOf(rank, transport.context().worldSize()).subtrees().size();
    int length = 200_000;
    float[][] sums = new float[nodes][length];
    ExactAllReduce allReduce =
        new ExactAllReduce(
            transport,
            (target, targetBase, source, sourceBase, count) -> {
              for (int i = 0; i < count; i++) {
                target[targetBase + i] += source[sourceBase + i];
              }
            });
    for (int step = 0; step < 50; step++) {
      allReduce.allReduce(leaves, sums, 0, length, step);
    }
    int steps = 50;
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    for (int step = 0; step < steps; step++) {
      allReduce.allReduce(leaves, sums, 0, length, step);
    }
    long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    // 800 kB travel in each step; waiting itself costs the JDK a few small objects.
    assertThat((after - before) / steps).isLessThan(4096);
  }
}
