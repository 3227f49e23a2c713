<?cs include:"macros.cs" ?><?cs set:Title = "暂不能办理" ?><?cs def:content() ?><h1>暂不能办理：<?cs var:Refused.Item ?></h1>
<?cs if:Refused.Subject ?><p class="lead"><?cs var:Refused.Subject ?></p>
<?cs /if ?><p>以下条件没有满足。本次没有办理，也没有改变任何证书。</p>
<h2>没有满足的条件</h2>
<?cs call:findings(Refused.Findings) ?>
<?cs if:?Refused.Passed.0.Rule ?><details><summary>已满足的条件</summary><ul><?cs each:finding = Refused.Passed ?><li><?cs var:finding.Demand ?><?cs if:finding.Fact ?>（<?cs var:finding.Fact ?>）<?cs /if ?><?cs /each ?></ul></details>
<?cs /if ?><p><a class="button plain" href="/<?cs var:Module.Name ?>/">返回<?cs var:Module.Label ?></a></p>
<p class="quiet">对结果有疑问的，请联系管理部门处理，并说明请求编号 <code><?cs var:Request.Number ?></code>。</p>
<?cs /def ?><?cs include:"layout.cs" ?>
