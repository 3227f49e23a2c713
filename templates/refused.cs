<?cs include:"macros.cs" ?><?cs set:Title = "暂不能办理" ?><?cs def:content() ?><h1>暂不能办理：<?cs var:Refused.Item ?></h1>
<?cs if:Refused.Subject ?><p class="lead"><?cs var:Refused.Subject ?></p>
<?cs /if ?><p>以下条件没有满足。本次没有办理，也没有改变任何证书。</p>
<?cs if:Refused.Number ?><p class="note">本次核对已记录，事项编号 <a href="/matters/<?cs var:Refused.Number ?>"><?cs var:Refused.Number ?></a>，可以随时查看。条件满足后，请重新办理。</p>
<?cs /if ?><?cs call:verdicts(Refused.Subjects) ?><p><a class="button plain" href="/<?cs var:Module.Name ?>/">返回<?cs var:Module.Label ?></a></p>
<p class="quiet">对结果有疑问的，请联系管理部门处理，并说明请求编号 <code><?cs var:Request.Number ?></code>。</p>
<?cs /def ?><?cs include:"layout.cs" ?>
