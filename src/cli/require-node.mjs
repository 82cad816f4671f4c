// Plain JavaScript, so that a Node which is too old for everything else can still say so.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    `This is Node ${process.versions.node}, and Tideline runs on Node 24, which \`npm ci\` installs beside it. ` +
      "Start it with npm (npm start), after npm ci.",
  );
  process.exit(1);
}
