export default function songPlayer(component) {
  return keepMounted(component, ".player", Player);
}
