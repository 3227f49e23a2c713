<?cs include:"macros.cs" ?><?cs set:Title = "确认办理离沪" ?><?cs def:content() ?><div class="interrupt"><h1>确认要办理离沪吗？</h1>
<p>将为<?cs var:Person.Name ?>的以下 <b><?cs var:Count ?></b> 本证书办理离沪。</p>
<ul><?cs each:row = Chosen ?><li><?cs var:row.Class ?>证　<?cs var:row.Number ?><?cs /each ?></ul>
<?cs if:Field.province ?><p>转往省市：<?cs var:Field.province ?></p>
<?cs /if ?><p><strong>办理离沪后，所选证书在本企业注销（办理转出），不能撤回。</strong></p>
<p>办理后出具离沪证明，请在“出具离沪证明”中下载。</p>
<form method="post" action="/departure/<?cs var:Case.Number ?>" class="actions"><?cs call:form_hidden() ?><?cs each:row = Chosen ?><input type="hidden" name="certificate" value="<?cs var:row.Id ?>"><?cs /each ?><input type="hidden" name="seen" value="<?cs var:Field.seen ?>"><input type="hidden" name="province" value="<?cs var:Field.province ?>"><button class="button">确认离沪</button><a href="/departure/<?cs var:Case.Number ?>" data-close>返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
