<?cs include:"macros.cs" ?><?cs set:Title = "确认企业名称变更" ?><?cs def:content() ?><?cs if:Count > #0 && !Running ?><div class="interrupt"><h1>将更名 <?cs var:Count ?> 本</h1>
<p>本企业的 <b><?cs var:Count ?></b> 本有效电子证书，企业名称将更改为：</p>
<ul><li><?cs var:Firm.Name ?></ul>
<p><strong>更名后不能撤回，原证书文件作废。</strong>证书编号和有效期不变。</p>
<p>办理在后台进行，可以关闭浏览器。</p>
<form method="post" action="/rename/" class="actions"><?cs call:form_hidden() ?><input type="hidden" name="name" value="<?cs var:Firm.Name ?>"><button class="button">完成</button><a href="/rename/" data-close>返回</a></form></div>
<?cs else ?><div class="box"><h1>企业名称变更</h1>
<p><?cs if:Running ?>本企业的名称变更正在办理：<a href="/matters/<?cs var:Running ?>"><?cs var:Running ?></a>。<?cs else ?>目前没有可以更名的证书。<?cs /if ?></p>
<p class="actions"><a class="button plain" href="/rename/" data-close>返回</a></p></div>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
