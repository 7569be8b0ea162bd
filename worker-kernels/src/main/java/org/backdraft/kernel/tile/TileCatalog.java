package org.backdraft.kernel.tile;

import java.util.List;

/** All tiles, by the width of their vectors. Written by {@code TileGenerator}. */
final class TileCatalog {
  private TileCatalog() {}

  static List<RunTile> runs(int bits) {
    return switch (bits) {
      case 512 ->
          List.of(
              new RunTile512R12P2U2(),
              new RunTile512R10P2U2(),
              new RunTile512R8P2(),
              new RunTile512R8P2U2(),
              new RunTile512R12P2Open(),
              new RunTile512R8P2Open(),
              new RunTile512R4P2(),
              new RunTile512R2P2(),
              new RunTile512R1P2(),
              new RunTile512R12P1U2(),
              new RunTile512R8P1(),
              new RunTile512R8P1Open(),
              new RunTile512R4P1(),
              new RunTile512R2P1(),
              new RunTile512R1P1());
      case 256 ->
          List.of(
              new RunTile256R2P2Open(),
              new RunTile256R1P2Open(),
              new RunTile256R6P1Open(),
              new RunTile256R5P1Open(),
              new RunTile256R4P1Open(),
              new RunTile256R4P1U2(),
              new RunTile256R2P1Open(),
              new RunTile256R1P1Open());
      case 128 ->
          List.of(
              new RunTile128R4P1Open(),
              new RunTile128R3P1Open(),
              new RunTile128R2P1Open(),
              new RunTile128R1P1Open());
      default -> List.of();
    };
  }

  static List<PackedTile> packed(int bits) {
    return switch (bits) {
      case 512 -> List.of();
      case 256 ->
          List.of(
              new PackedTile256R6P1Open(),
              new PackedTile256R5P1Open(),
              new PackedTile256R4P1Open());
      case 128 -> List.of();
      default -> List.of();
    };
  }

  static List<TermTile> terms(int bits) {
    return switch (bits) {
      case 512 ->
          List.of(
              new TermTile512R12P2(),
              new TermTile512R8P2(),
              new TermTile512R4P2(),
              new TermTile512R2P2(),
              new TermTile512R1P2(),
              new TermTile512R8P1(),
              new TermTile512R4P1(),
              new TermTile512R2P1(),
              new TermTile512R1P1());
      case 256 -> List.of(new TermTile256R4P1(), new TermTile256R2P1(), new TermTile256R1P1());
      case 128 -> List.of(new TermTile128R2P1(), new TermTile128R1P1());
      default -> List.of();
    };
  }

  static List<OuterTile> outers(int bits) {
    return switch (bits) {
      case 512 ->
          List.of(
              new OuterTile512R12P2(),
              new OuterTile512R12P2Open(),
              new OuterTile512R8P2U2(),
              new OuterTile512R8P2(),
              new OuterTile512R8P2Open(),
              new OuterTile512R4P2(),
              new OuterTile512R2P2(),
              new OuterTile512R1P2(),
              new OuterTile512R16P1(),
              new OuterTile512R8P1U2(),
              new OuterTile512R8P1(),
              new OuterTile512R4P1(),
              new OuterTile512R2P1(),
              new OuterTile512R1P1());
      case 256 ->
          List.of(
              new OuterTile256R6P1Open(),
              new OuterTile256R5P1Open(),
              new OuterTile256R4P1Open(),
              new OuterTile256R4P1U2(),
              new OuterTile256R2P1Open(),
              new OuterTile256R1P1Open());
      case 128 ->
          List.of(
              new OuterTile128R3P1Open(),
              new OuterTile128R2P1Open(),
              new OuterTile128R2P1U2(),
              new OuterTile128R1P1Open());
      default -> List.of();
    };
  }
}
